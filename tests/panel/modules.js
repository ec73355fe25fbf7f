const NAMES = [
  "words",
  "units",
  "visible",
  "dom",
  "kept",
  "columns",
  "scroll",
  "value",
  "request",
  "events",
  "feed",
  "pieces",
  "filters",
  "totals",
  "bar",
  "tree",
  "headings",
  "line",
  "grid",
  "panel",
  "element",
  "tools",
];

// One after the other: the test runner's server can leave a request lying when more than four come at once.
const all = {};
for (const name of NAMES) Object.assign(all, await import(`../../www/panel/${name}.js`));

export const { defineSessionInfoPanel, getSessionInfo, renderSessionInfo, csv, json, python, javascript } = all;
