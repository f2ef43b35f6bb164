// Line icons, drawn here so that nothing has to be fetched.

const PATHS = {
  channel: "M6.5 2.5 5 13.5M11 2.5 9.5 13.5M2.8 5.8h11M2.2 10.2h11",
  lock: "M4 7.2h8v6H4zM5.7 7V5.2a2.3 2.3 0 0 1 4.6 0V7",
  shared: "M2.5 5.5h6v6h-6zM7.5 4.5v-2h6v6h-2",
  archive: "M2.5 3.5h11v3h-11zM3.5 6.5v6h9v-6M6.5 9h3",
  reply: "M2.5 3.5h11v7h-6l-3 2.5v-2.5h-2z",
  smile: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M5.6 9.3a2.8 2.8 0 0 0 4.8 0M6 6.2v.4M10 6.2v.4",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  close: "M4 4l8 8M12 4l-8 8",
  back: "M10 3 5 8l5 5",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  eye: "M1.8 8S4 4 8 4s6.2 4 6.2 4S12 12 8 12 1.8 8 1.8 8M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2",
  send: "M2.5 8 13.5 3l-3.2 10.2-2.6-4zM7.7 9.2 13.5 3",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1",
  moon: "M13 9.6A5.4 5.4 0 0 1 6.4 3 5.4 5.4 0 1 0 13 9.6",
  search: "M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4M10.2 10.2l3.3 3.3",
  down: "M4.5 6.5 8 10l3.5-3.5",
  wide: "M6 3H3v3M10 3h3v3M6 13H3v-3M10 13h3v-3",
  check: "M3.2 8.4 6.6 11.8 12.8 4.6",
  clock: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 4.8V8l2.2 1.6",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
