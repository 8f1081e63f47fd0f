"use strict";
(function () {
  /* The second language. The nodes are found before anything below moves them; see language.py for the numbers. */
  var given = document.getElementById("other-language");
  var button = document.querySelector(".language");
  var changes = [];
  if (given && button) {
    var data = JSON.parse(given.textContent);
    var elements = document.getElementsByTagName("*");
    var texts = function (node) {
      return Array.from(node.childNodes).filter(function (one) { return one.nodeType === 3 && one.data.trim(); });
    };
    for (var at = 0, place = 0; place < data.places.length; place += 3) {
      at += data.places[place];
      var slot = data.places[place + 1];
      var text = data.texts[data.places[place + 2]];
      if (slot < 0) changes.push({ node: elements[at], name: data.names[-slot - 1], text: text });
      else changes.push({ node: texts(elements[at])[slot], text: text });
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      changes.forEach(function (one) {
        var before = one.name ? one.node.getAttribute(one.name) : one.node.data;
        if (one.name) one.node.setAttribute(one.name, one.text);
        else one.node.data = one.text;
        one.text = before;
      });
    });
  }
})();
(function () {
  /* Tables are narrowed by words in their rows and by the numbers of their choices. */
  var bars = {};
  document.querySelectorAll("[data-filter]").forEach(function (bar) {
    var rows = Array.from(document.getElementById(bar.dataset.filter).tBodies[0].rows);
    var text = bar.querySelector("input");
    var selects = Array.from(bar.querySelectorAll("select"));
    var told = bar.querySelector(".shown-rows");
    function apply() {
      var wanted = text.value.trim().toLowerCase();
      var shown = 0;
      rows.forEach(function (row) {
        var fits = selects.every(function (one) {
          return !one.value || row.getAttribute("data-" + one.dataset.by).split(" ").includes(one.value);
        }) && row.textContent.toLowerCase().includes(wanted);
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      told.textContent = shown.toLocaleString("en");
    }
    bar.hidden = false;
    text.addEventListener("input", apply);
    selects.forEach(function (one) { one.addEventListener("change", apply); });
    bars[bar.dataset.filter] = function () {
      text.value = "";
      selects.forEach(function (one) { one.value = ""; });
      apply();
    };
  });

  /* A link to a case opens what it stands in, also where a filter hides it. */
  function show() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (var above = target.parentElement; above; above = above.parentElement) {
      if (above.tagName === "DETAILS") above.open = true;
      if (above.tagName === "TABLE" && target.hidden && bars[above.id]) bars[above.id]();
    }
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", show);
  show();
})();
(function () {
  function value(cell) {
    var text = cell.textContent.trim();
    var number = /^[+\u2212≥≤\s]*(\d[\d,]*\.?\d*)/.exec(text);
    if (!number) return text;
    return Number(number[1].replace(/,/g, "")) * (/^[^\d]*\u2212/.test(text) ? -1 : 1);
  }
  function order(language) {
    var words = new Intl.Collator(language, { numeric: true });
    return function (a, b) {
      if (typeof a === "number" && typeof b === "number") return a - b;
      return words.compare(a, b);
    };
  }
  document.querySelectorAll("table[data-sortable] thead th").forEach(function (head) {
    if (!head.textContent.trim()) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "sorter";
    button.append.apply(button, Array.from(head.childNodes));
    head.append(button);
    button.addEventListener("click", function () {
      var rising = head.getAttribute("aria-sort") !== "ascending";
      var body = head.closest("table").tBodies[0];
      var compare = order(document.documentElement.lang);
      Array.from(body.rows)
        .map(function (row) { return [value(row.cells[head.cellIndex]), row]; })
        .sort(function (a, b) { return (rising ? 1 : -1) * compare(a[0], b[0]); })
        .forEach(function (pair) { body.append(pair[1]); });
      Array.from(head.parentNode.cells).forEach(function (cell) { cell.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    });
  });
})();
(function () {
  /* What must be scrolled to be read can be reached by the keyboard. */
  function reach() {
    document.querySelectorAll(".scroll").forEach(function (one) {
      if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
      else one.removeAttribute("tabindex");
    });
  }
  window.addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();
})();
