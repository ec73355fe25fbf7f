// AG Grid Community as its documentation advises for large live data: row ids, changes by asynchronous transactions,
// sorting of what has changed only, no animation, a quick filter with a cache. Only the modules that are needed.

import {
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  ColumnApiModule,
  createGrid,
  ModuleRegistry,
  QuickFilterModule,
  RowSelectionModule,
  TextFilterModule,
  themeQuartz,
} from "ag-grid-community";
import { COLUMNS } from "./support/columns.js";

ModuleRegistry.registerModules([
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  ColumnApiModule,
  QuickFilterModule,
  RowSelectionModule,
  TextFilterModule,
]);

let grid;

export function create(container) {
  return new Promise((resolve) => {
    grid = createGrid(container, {
      theme: themeQuartz,
      getRowId: ({ data }) => data.id,
      deltaSort: true,
      animateRows: false,
      cacheQuickFilter: true,
      rowSelection: { mode: "singleRow", checkboxes: false, enableClickSelection: true },
      rowData: [],
      columnDefs: COLUMNS.map(({ field, title, format }) => ({
        field,
        headerName: title,
        flex: 1,
        ...(field === "username" && { filter: "agTextColumnFilter", filterParams: { caseSensitive: true } }),
        ...(format && { valueFormatter: ({ value }) => format(value) }),
      })),
      onGridReady: () => resolve(),
    });
  });
}

export const show = (text) => grid.setGridOption("rowData", JSON.parse(text));
export const sort = (field) =>
  grid.applyColumnState({ state: [{ colId: field, sort: "asc" }], defaultState: { sort: null } });
export const filter = (username) =>
  grid.setFilterModel(username === null ? null : { username: { type: "equals", filter: username } });
export const search = (text) => grid.setGridOption("quickFilterText", text);
export const change = (text) => grid.applyTransactionAsync({ update: JSON.parse(text) });
