// Small pop-ups beside a button: overflow menus, the list of people, reactions, and "are you sure".

import { arrowKeys, freshId, h } from "./dom.js";

let open = null;

export function closeMenu({ refocus = true } = {}) {
  if (!open) return;
  const { node, anchor, leave } = open;
  open = null;
  leave();
  node.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (refocus && anchor.isConnected) anchor.focus({ preventScroll: true });
}

// A pop-up goes to the top layer, and inside the open dialog if there is one, because everything outside that is inert.
export function popUp(anchor, content, { className = "", onclose } = {}) {
  if (open?.anchor === anchor) return closeMenu();
  closeMenu({ refocus: false });
  const node = h("div", { class: `menu ${className}`, popover: "manual" }, content);
  (anchor.closest("dialog") ?? document.body).append(node);
  node.showPopover();
  placeBeside(anchor, node);
  anchor.setAttribute("aria-expanded", "true");
  const away = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) closeMenu({ refocus: false });
  };
  const keys = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    closeMenu();
  };
  document.addEventListener("pointerdown", away, true);
  document.addEventListener("keydown", keys, true);
  open = {
    node,
    anchor,
    leave() {
      document.removeEventListener("pointerdown", away, true);
      document.removeEventListener("keydown", keys, true);
      onclose?.();
    },
  };
  return node;
}

export function placeBeside(anchor, node) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = node;
  const below = at.bottom + 4 + height <= innerHeight || at.top - 4 - height < 0;
  node.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  node.style.top = `${Math.max(8, Math.min(below ? at.bottom + 4 : at.top - height - 4, innerHeight - height - 8))}px`;
}

// items: {text (nodes or string), note, danger, url, act} or "-" for a line
export function menu(anchor, items, { label = "More" } = {}) {
  const list = h("div", { role: "menu", "aria-label": label });
  for (const item of items) {
    if (item === "-") {
      list.append(h("hr"));
      continue;
    }
    const choose = () => {
      closeMenu();
      item.act();
    };
    list.append(
      h(
        "button",
        { type: "button", role: "menuitem", class: item.danger ? "menu-item danger" : "menu-item", onclick: choose },
        h("span", {}, item.text),
        item.note ? h("small", {}, item.note) : null,
      ),
    );
  }
  arrowKeys(list, "[role=menuitem]");
  if (popUp(anchor, list)) list.querySelector("[role=menuitem]")?.focus();
}

// Block Kit's confirm object, or {title, text, confirm, deny} of plain strings. Resolves to true or false.
export function confirmed({ title, text, confirm, deny, danger = false }) {
  return new Promise((resolve) => {
    const heading = freshId("confirm");
    const dialog = h("dialog", { class: "modal confirm", "aria-labelledby": heading });
    const answer = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    dialog.append(
      h("div", { class: "modal-head" }, h("h2", { id: heading }, title)),
      h("div", { class: "modal-body" }, h("p", {}, text)),
      h(
        "div",
        { class: "modal-foot" },
        h("button", { type: "button", class: "button", onclick: () => answer(false) }, deny),
        h(
          "button",
          { type: "button", class: danger ? "button danger-solid" : "button primary", onclick: () => answer(true) },
          confirm,
        ),
      ),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer(false);
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector(".modal-foot button:last-child").focus();
  });
}
