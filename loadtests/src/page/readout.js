// Tells the values under the pointer, in all plots at once; the arrow keys move it too. The page is whole without.
document.addEventListener("DOMContentLoaded", () => {
  const { clock, plots } = JSON.parse(document.getElementById("readout").textContent);
  const canvases = [...document.querySelectorAll(".canvas")];
  const last = clock.length - 1;
  let at = null;

  const figures = canvases.map((canvas) => {
    const legend = canvas.closest("figure").querySelector(".legend");
    const values = [...legend.querySelectorAll("b")];
    return {
      rows: plots[canvas.dataset.plot],
      cursor: canvas.querySelector(".cursor"),
      now: legend.querySelector(".now"),
      values,
      whole: values.map((value) => value.textContent),
    };
  });

  const show = (index) => {
    at = index;
    for (const { rows, cursor, now, values, whole } of figures) {
      cursor.style.display = index === null ? "none" : "block";
      cursor.style.left = `${((index + 0.5) / clock.length) * 100}%`;
      now.textContent = index === null ? "the whole run" : `at ${clock[index]}`;
      values.forEach((value, row) => {
        value.textContent = index === null ? whole[row] : rows[row][index];
      });
    }
  };

  for (const canvas of canvases) {
    canvas.addEventListener("pointermove", (event) => {
      const box = canvas.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      show(Math.max(0, Math.min(last, Math.floor(share * clock.length))));
    });
    canvas.addEventListener("pointerleave", () => show(null));
    canvas.addEventListener("blur", () => show(null));
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") show(null);
      if (!step) return;
      event.preventDefault();
      show(at === null ? 0 : Math.max(0, Math.min(last, at + step)));
    });
  }
});
