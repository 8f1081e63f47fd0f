"use strict";
document.querySelectorAll("[data-filter]").forEach(function (tools) {
  var table = document.getElementById(tools.dataset.filter);
  var rows = Array.from(table.tBodies[0].rows);
  var text = tools.querySelector("input");
  var state = tools.querySelector("select");
  var told = tools.querySelector(".status");
  function apply() {
    var wanted = text.value.trim().toLowerCase();
    var shown = 0;
    rows.forEach(function (row) {
      var fits = (!state.value || row.dataset.state === state.value) && row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    told.textContent = shown.toLocaleString("en") + " " + told.dataset.word;
  }
  tools.hidden = false;
  text.addEventListener("input", apply);
  state.addEventListener("change", apply);
  apply();
});
document.querySelectorAll("table[data-sortable] th").forEach(function (head) {
  var button = document.createElement("button");
  button.type = "button";
  button.className = "sorter";
  button.append.apply(button, Array.from(head.childNodes));
  head.append(button);
  button.addEventListener("click", function () {
    var rising = head.getAttribute("aria-sort") !== "ascending";
    var body = head.closest("table").tBodies[0];
    var place = head.cellIndex;
    var order = new Intl.Collator(document.documentElement.lang, { numeric: true });
    Array.from(body.rows)
      .sort(function (a, b) {
        return (rising ? 1 : -1) * order.compare(a.cells[place].textContent, b.cells[place].textContent);
      })
      .forEach(function (row) { body.append(row); });
    Array.from(head.parentNode.cells).forEach(function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
  });
});
