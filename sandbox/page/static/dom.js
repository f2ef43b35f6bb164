// Small helpers around the DOM. Text only ever becomes text nodes: nothing here parses HTML.

export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "className") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// replaceChildren, leaving out what is not there.
export function fill(parent, ...children) {
  parent.replaceChildren(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false && child !== ""),
  );
}

export const byId = (id) => document.getElementById(id);

let numbers = 0;
export const freshId = (stem) => `${stem}-${++numbers}`;

// Draw a list and touch only what changed: an item whose print is the same keeps its node, so focus, selection, what is
// typed and the scroll position stay. A redrawn item that held the focus gives it to the same control again.
export function keyed(parent, items, { key, print, draw }) {
  const before = parent.keyedNodes ?? new Map();
  const after = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const name = key(item);
    const mark = print(item);
    let entry = before.get(name);
    if (!entry || entry.mark !== mark) {
      const node = draw(item);
      if (entry) {
        if (place === entry.node) place = node;
        replaceKeepingFocus(entry.node, node);
      }
      entry = { node, mark };
    }
    after.set(name, entry);
    if (entry.node === place) place = place.nextSibling;
    else parent.insertBefore(entry.node, place);
  }
  for (const [name, entry] of before) if (!after.has(name)) entry.node.remove();
  parent.keyedNodes = after;
}

function replaceKeepingFocus(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const focusKey = focused?.dataset.focus;
  old.replaceWith(fresh);
  if (!focused) return;
  const again = focusKey ? fresh.querySelector(`[data-focus="${CSS.escape(focusKey)}"]`) : null;
  (again ?? fresh).focus({ preventScroll: true });
}

// Run `work` now, and once more afterwards if it was asked for meanwhile; never two at the same time.
export function oneAtATime(work) {
  let running = null;
  let again = false;
  return async function run() {
    if (running) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await work();
      } while (again);
    })();
    try {
      await running;
    } finally {
      running = null;
    }
  };
}

// A button that shows that it was pressed, until the answer is there.
export async function busyWhile(button, promise) {
  button.setAttribute("aria-busy", "true");
  try {
    return await promise;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

// Up, Down, Home and End move the focus among the elements that match.
export function arrowKeys(container, selector, { wrap = true, horizontal = false } = {}) {
  const [back, on] = horizontal ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  container.addEventListener("keydown", (event) => {
    if (![back, on, "Home", "End"].includes(event.key) || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName))
      return;
    const all = [...container.querySelectorAll(selector)].filter((node) => node.offsetParent !== null);
    const here = all.findIndex((node) => node === event.target || node.contains(event.target));
    if (!all.length || here < 0) return;
    let next = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : here + (event.key === on ? 1 : -1);
    next = wrap ? (next + all.length) % all.length : Math.min(Math.max(next, 0), all.length - 1);
    event.preventDefault();
    all[next].focus();
  });
}
