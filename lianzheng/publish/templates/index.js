"use strict";
/* Search, filter and sort the table of units. The page is complete without this: all rows, in roster order. */
(() => {
  const table = document.getElementById("units");
  const headers = Array.from(table.tHead.rows[0].cells);
  const rows = Array.from(table.tBodies[0].rows); // in roster order, which ties keep
  const [controls, search, type, grade, reset, told] =
    ["controls", "search", "type", "grade", "reset", "told"].map((id) => document.getElementById(id));
  const collator = new Intl.Collator("zh-CN");
  let sorted = null; // the header cell that the rows are sorted by, if any
  let isDescending = false;

  /** Full-width and half-width, large and small letters are the same to a search. */
  const plain = (text) => text.normalize("NFKC").toLowerCase();

  /** Numbers as numbers, names as a Chinese dictionary has them; what has no value goes last either way. */
  function compare(one, other) {
    const [first, second] = [one, other].map((row) => row.cells[sorted.cellIndex].dataset.key);
    if (first === "" || second === "") return (first === "") - (second === "");
    const order = isNaN(first) || isNaN(second) ? collator.compare(first, second) : first - second;
    return isDescending ? -order : order;
  }

  function isWanted(row) {
    const words = plain(search.value).split(/\s+/);
    const names = plain(row.dataset.search);
    const isOfType = !type.value || row.dataset.type === type.value;
    return isOfType && (!grade.value || row.dataset.grade === grade.value) && words.every((word) => names.includes(word));
  }

  function show() {
    for (const row of rows) row.hidden = !isWanted(row);
    const n = rows.filter((row) => !row.hidden).length;
    const order = sorted ? `按${sorted.textContent}${isDescending ? "降序" : "升序"}` : "按名册顺序";
    told.textContent = n ? `显示${n}个单位（共${rows.length}个），${order}` : `没有符合条件的单位（共${rows.length}个）`;
  }

  function sortBy(header) {
    isDescending = header === sorted ? !isDescending : header.dataset.first === "descending";
    if (sorted) sorted.removeAttribute("aria-sort");
    sorted = header;
    sorted.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
    table.tBodies[0].append(...rows.slice().sort(compare));
    show();
  }

  for (const header of headers) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    button.addEventListener("click", () => sortBy(header));
    header.replaceChildren(button);
  }
  for (const field of [search, type, grade]) field.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    search.value = "";
    show();
  });
  reset.addEventListener("click", () => {
    for (const field of [search, type, grade]) field.value = "";
    show();
    search.focus();
  });
  table.classList.add("sortable");
  controls.hidden = told.hidden = false;
  show();
})();
