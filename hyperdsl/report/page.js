"use strict";

const known = JSON.parse(document.getElementById("data").textContent);

// What a trial is, beside the pointer; its line and points in all charts stand out.
const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);

function light(number) {
  for (const mark of document.querySelectorAll(".lit")) mark.classList.remove("lit");
  if (number === undefined) return;
  for (const mark of document.querySelectorAll(`.trial-line[data-n="${number}"]`)) mark.classList.add("lit");
}

document.addEventListener("pointerover", (event) => {
  const mark = event.target.closest("[data-n]");
  const text = mark && known.trials[mark.dataset.n];
  tip.hidden = !text;
  light(mark ? Number(mark.dataset.n) : undefined);
  if (text) tip.textContent = text;
});

document.addEventListener("pointermove", (event) => {
  if (tip.hidden) return;
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 18;
  const top = below + tip.offsetHeight > window.innerHeight ? event.clientY - tip.offsetHeight - 10 : below;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
});

for (const button of document.querySelectorAll(".copy")) {
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      // A page from a file may not write to the clipboard everywhere: the code is selected, to be copied by hand.
      const range = document.createRange();
      range.selectNodeContents(code);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}

for (const slider of document.querySelectorAll("[data-filter]")) {
  const chart = slider.closest("section").querySelector(`.${slider.dataset.filter}`);
  const shown = slider.parentElement.querySelector("output");
  slider.addEventListener("input", () => {
    shown.textContent = slider.value;
    for (const line of chart.querySelectorAll(".trial-line")) {
      line.toggleAttribute("hidden", Number(line.dataset.rank) > Number(slider.value) && slider.value !== "100");
    }
  });
}

for (const table of document.querySelectorAll(".sortable")) {
  const heads = [...table.querySelectorAll("th")];
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const body = table.tBodies[0];
      const value = (row) => Number(row.cells[column].textContent);
      const rows = [...body.rows].sort((a, b) => (up ? 1 : -1) * (value(a) - value(b)));
      body.append(...rows);
    });
  });
}
