// Tabulator as its documentation advises for large live data: virtual rows in a table of fixed height, columns that
// are not fitted to their data, an index, changes by updateData. It has no search: its way is a filter of alternatives.

import {
  FilterModule,
  FormatModule,
  InteractionModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SelectRowModule,
  SortModule,
  Tabulator,
} from "tabulator-tables";
import css from "tabulator-tables/dist/css/tabulator.min.css";
import { COLUMNS } from "./support/columns.js";

Tabulator.registerModule([
  FilterModule,
  FormatModule,
  InteractionModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SelectRowModule,
  SortModule,
]);

let table;

export async function create(container) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
  table = new Tabulator(container, {
    height: "100%",
    layout: "fitColumns",
    index: "id",
    selectableRows: 1,
    data: [],
    columns: COLUMNS.map(({ field, title, format }) => ({
      field,
      title,
      ...(format && { formatter: (cell) => format(cell.getValue()) }),
    })),
  });
  await new Promise((resolve) => table.on("tableBuilt", resolve));
}

export const show = (text) => table.setData(JSON.parse(text));
export const sort = (field) => table.setSort(field, "asc");
export const filter = (username) => (username === null ? table.clearFilter() : table.setFilter("username", "=", username));
export const search = (text) =>
  text === "" ? table.clearFilter() : table.setFilter([COLUMNS.map(({ field }) => ({ field, type: "like", value: text }))]);
export const change = (text) => table.updateData(JSON.parse(text));
