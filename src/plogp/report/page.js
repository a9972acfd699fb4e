"use strict";
// What the page can do beyond being read: sort its tables, and walk the matrix with the arrow keys.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);

  // A column is sorted by what its cells say, or by their data-value; a second click turns it round.
  const key = (row, i) => {
    const cell = row.cells[i];
    const text = cell.dataset.value ?? cell.textContent;
    return text.trim() !== "" && isFinite(text) ? Number(text) : text.toLowerCase();
  };
  const compare = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, i) => {
      if (head.classList.contains("picture")) return;
      const button = document.createElement("button");
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => sign * compare(key(a, i), key(b, i)));
        table.tBodies[0].append(...rows);
      });
    });
  }

  const grid = document.getElementById("grid");
  if (!grid) return;
  const tip = document.getElementById("tip");
  const { columns, quoted, continuous, p_values } = data.matrix;
  const cells = [...grid.tBodies[0].rows].map((row) => [...row.cells].slice(1, columns.length + 1));
  const python = (formula) => `pp.measure(${JSON.stringify(formula)}, table${data.options})`;
  const about = (i, j) => {
    const said = cells[i][j].textContent;
    if (i === j) return continuous[i] ? [`${columns[i]} is continuous`] : entropy(quoted[i], said);
    if (said === "–") return [`${columns[i]} and ${columns[j]} have no row in common`];
    const [a, b] = [Math.min(i, j), Math.max(i, j)];
    const p = p_values[a][b];
    const sure = p === null ? "not tested" : p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
    const formula = `I(${quoted[a]};${quoted[b]})`;
    const how = continuous[a] || continuous[b] ? "in quantile bins" : python(formula);
    return [`${formula} = ${said} ${data.unit}, ${sure}`, how];
  };
  const entropy = (name, said) => [`H(${name}) = ${said} ${data.unit}`, python(`H(${name})`)];
  const show = (i, j) => {
    const lines = about(i, j).map((line) => {
      const div = document.createElement("div");
      div.textContent = line.length > 600 ? `${line.slice(0, 600)}…` : line;
      return div;
    });
    tip.replaceChildren(...lines);
    tip.hidden = false;
    const cell = cells[i][j].getBoundingClientRect();
    const left = Math.max(8, Math.min(cell.left, document.documentElement.clientWidth - tip.offsetWidth - 8));
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${cell.bottom + scrollY + 6}px`;
    cells[i][j].setAttribute("aria-describedby", "tip");
  };
  const hide = () => {
    tip.hidden = true;
    grid.querySelectorAll("[aria-describedby]").forEach((cell) => cell.removeAttribute("aria-describedby"));
  };
  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  cells.forEach((row, i) => row.forEach((cell, j) => {
    cell.tabIndex = i || j ? -1 : 0; // one stop of the Tab key; the arrows go on from there
    cell.addEventListener("focus", () => show(i, j));
    cell.addEventListener("blur", hide);
    cell.addEventListener("mouseenter", () => show(i, j));
    cell.addEventListener("mouseleave", hide);
    cell.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
      const [down, right] = MOVES[event.key] ?? [0, 0];
      const next = cells[i + down]?.[j + right];
      if (!(event.key in MOVES) || !next) return;
      event.preventDefault();
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  }));
})();
