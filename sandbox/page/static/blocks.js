// Block Kit's blocks, as nodes. https://docs.slack.dev/reference/block-kit/blocks

import { freshId, h } from "./dom.js";
import { element, unknown } from "./elements.js";
import { slackDate } from "./clock.js";
import { shortcode, withEmoji } from "./emoji.js";
import { channelLink, link, mention, textObject } from "./text.js";

function section(block, ctx) {
  return h(
    "div",
    { class: block.accessory ? "b-section with-accessory" : "b-section" },
    h(
      "div",
      { class: "b-text" },
      block.text ? h("div", {}, textObject(block.text)) : null,
      block.fields
        ? h(
            "div",
            { class: "b-fields" },
            block.fields.map((field) => h("div", {}, textObject(field))),
          )
        : null,
    ),
    block.accessory ? h("div", { class: "b-accessory" }, element(block.accessory, block, ctx)) : null,
  );
}

const context = (block) =>
  h(
    "div",
    { class: "b-context" },
    (block.elements ?? []).map((one) =>
      one.type === "image" ? h("img", { src: one.image_url, alt: one.alt_text ?? "" }) : h("span", {}, textObject(one)),
    ),
  );

const actions = (block, ctx) =>
  h(
    "div",
    { class: "b-actions" },
    (block.elements ?? []).map((one) => element(one, block, ctx)),
  );

function input(block, ctx) {
  const id = freshId("input");
  const label = textObject(block.label);
  const text = h("span", {}, label).textContent;
  const control = element(block.element, block, {
    ...ctx,
    label: text,
    changed: (...given) => (block.dispatch_action ? ctx.changed(...given) : undefined),
  });
  const target = control.input ?? control;
  const grouped = /^(DIV)$/.test(target.tagName);
  if (!grouped) target.id = id;
  target.removeAttribute("aria-label");
  const error = h("div", { class: "field-error", id: `${id}-error`, role: "alert", hidden: true });
  const hint = block.hint ? h("div", { class: "hint", id: `${id}-hint` }, textObject(block.hint)) : null;
  const described = [`${id}-error`, hint ? `${id}-hint` : ""].join(" ").trim();
  target.setAttribute("aria-describedby", described);
  if (grouped) target.setAttribute("aria-label", text);
  const optional = block.optional ? h("span", { class: "optional" }, "optional") : null;
  const node = h(
    "div",
    { class: "b-input", "data-block-id": block.block_id },
    h(grouped ? "div" : "label", { class: "label", for: grouped ? null : id }, label),
    optional,
    control,
    error,
    hint,
  );
  node.showError = (sentence) => {
    error.hidden = !sentence;
    error.textContent = sentence ?? "";
    node.classList.toggle("wrong", Boolean(sentence));
    target.setAttribute("aria-invalid", String(Boolean(sentence)));
  };
  node.addEventListener("input", () => node.showError(null));
  node.focusInside = () => (grouped ? target.querySelector("input") : target)?.focus();
  return node;
}

const image = (block) =>
  h(
    "figure",
    { class: "b-image" },
    block.title ? h("figcaption", {}, textObject(block.title)) : null,
    h("img", { src: block.image_url, alt: block.alt_text ?? "" }),
  );

function leaf(one) {
  const style = one.style ?? {};
  let node;
  if (one.type === "text")
    node = h(
      "span",
      {},
      one.text.split("\n").flatMap((line, index) => [...(index ? [h("br")] : []), ...withEmoji(line)]),
    );
  else if (one.type === "link") node = link(one.url, one.text ? [one.text] : null);
  else if (one.type === "user") node = mention(one.user_id);
  else if (one.type === "channel") node = channelLink(one.channel_id);
  else if (one.type === "emoji") node = shortcode(one.name);
  else if (one.type === "broadcast") node = h("span", { class: "mention mine" }, `@${one.range}`);
  else if (one.type === "date") node = h("time", {}, slackDate(one.timestamp, one.format));
  else return unknown(`the rich text element "${one.type}"`);
  for (const [name, tag] of [
    ["code", "code"],
    ["strike", "s"],
    ["italic", "i"],
    ["bold", "b"],
  ])
    if (style[name]) node = h(tag, {}, node);
  return node;
}

function rich(one) {
  const inside = (one.elements ?? []).map((child) => (child.type.startsWith("rich_text_") ? rich(child) : leaf(child)));
  if (one.type === "rich_text_section") return h("div", {}, inside);
  if (one.type === "rich_text_quote") return h("blockquote", {}, inside);
  if (one.type === "rich_text_preformatted") return h("pre", {}, inside);
  if (one.type === "rich_text_list")
    return h(
      one.style === "ordered" ? "ol" : "ul",
      { class: `indent-${one.indent ?? 0}` },
      inside.map((child) => h("li", {}, child)),
    );
  return unknown(`the rich text "${one.type}"`);
}

const DRAW = {
  section,
  context,
  actions,
  input,
  image,
  header: (block) => h("h3", { class: "b-header" }, textObject(block.text)),
  divider: () => h("hr", { class: "b-divider" }),
  rich_text: (block) => h("div", { class: "b-rich" }, (block.elements ?? []).map(rich)),
  markdown: (block) => h("div", { class: "b-section" }, textObject({ type: "plain_text", text: block.text })),
};

export function blocks(list, ctx) {
  return list.map((one) => {
    const draw = DRAW[one?.type];
    try {
      return draw ? draw(one, ctx) : unknown(`the block "${one?.type}"`);
    } catch (error) {
      return unknown(`this "${one.type}" block (${error.message})`);
    }
  });
}
