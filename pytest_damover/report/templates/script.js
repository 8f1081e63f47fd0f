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
      document.dispatchEvent(new Event("languagechange"));
    });
  }
})();
(function () {
  /* Tables are narrowed by words in their rows and by the numbers of their choices. */
  var bars = {};
  var most = 200;
  document.querySelectorAll("[data-filter]").forEach(function (bar) {
    var name = bar.dataset.filter;
    var table = document.getElementById(name);
    var body = table.tBodies[0];
    var rows = Array.from(body.rows);
    var text = bar.querySelector("input");
    var selects = Array.from(bar.querySelectorAll("select"));
    var told = bar.querySelector(".shown-rows");
    var rest = document.getElementById(name + "-rest");
    var cases = rest ? JSON.parse(rest.textContent) : [];
    var kinds = cases.length ? Array.from(table.tBodies[1].rows) : [];
    var drawn = [];

    function chosen(row) {
      return selects.every(function (one) {
        return !one.value || row.getAttribute("data-" + one.dataset.by).split(" ").includes(one.value);
      });
    }
    function address(at) {
      return name.replace("case-table", "") + (typeof cases[at + 1] !== "string" ? cases[at + 1][1]
        : "case-" + kinds[cases[at]].cells[1].querySelector("span").textContent + ":" + cases[at + 1]);
    }
    /* The row of a case that is not listed: its kind with its name. */
    function draw(at) {
      var row = kinds[cases[at]].cloneNode(true);
      var link = row.querySelector("a");
      row.id = address(at);
      link.href = "#" + row.id;
      link.textContent = typeof cases[at + 1] === "string" ? cases[at + 1] : cases[at + 1][0];
      body.append(row);
      drawn.push(row);
    }
    function search(wanted) {
      var words = kinds.map(function (row) { return chosen(row) ? row.textContent.toLowerCase() : null; });
      var found = 0;
      for (var at = 0; at < cases.length; at += 2) {
        var kind = words[cases[at]];
        if (kind === null) continue;
        var title = typeof cases[at + 1] === "string" ? cases[at + 1] : cases[at + 1][0];
        if (!title.toLowerCase().includes(wanted) && !kind.includes(wanted)) continue;
        found += 1;
        if (found <= most) draw(at);
      }
      return found;
    }
    function apply() {
      var wanted = text.value.trim().toLowerCase();
      var shown = 0;
      drawn.forEach(function (row) { row.remove(); });
      drawn = [];
      rows.forEach(function (row) {
        var fits = chosen(row) && row.textContent.toLowerCase().includes(wanted);
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      var found = wanted || selects.some(function (one) { return one.value; }) ? search(wanted) : 0;
      told.textContent = (shown + drawn.length).toLocaleString("en") +
        (found > drawn.length ? " / " + (shown + found).toLocaleString("en") : "");
    }
    bar.hidden = false;
    text.addEventListener("input", apply);
    selects.forEach(function (one) { one.addEventListener("change", apply); });
    document.addEventListener("languagechange", apply);
    bars[name] = {
      clear: function () {
        text.value = "";
        selects.forEach(function (one) { one.value = ""; });
        apply();
      },
      find: function (id) {
        for (var at = 0; at < cases.length; at += 2) {
          if (address(at) !== id) continue;
          bars[name].clear();
          draw(at);
          return drawn[0];
        }
      },
    };
  });

  /* A link to a case opens what it stands in, also where a filter hides it or no row shows it yet. */
  function show() {
    var id = location.hash.slice(1);
    var target = document.getElementById(id);
    if (!target && /case-/.test(id)) {
      Object.keys(bars).some(function (name) { return (target = bars[name].find(id)); });
    }
    if (!target) return;
    for (var above = target.parentElement; above; above = above.parentElement) {
      if (above.tagName === "DETAILS") above.open = true;
      if (above.tagName === "TABLE" && target.hidden && bars[above.id]) bars[above.id].clear();
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
