"use strict";
// Fetches the page again and replaces the parts that changed; what is open stays open.
(() => {
  const lost = document.getElementById("lost");
  const parts = (root) => [...root.querySelectorAll("[data-live]")];

  const update = (fresh) => {
    const main = document.querySelector("main");
    const known = new Map(parts(document).map((part) => [part.dataset.live, part]));
    let before = null;
    for (const part of parts(fresh)) {
      const old = known.get(part.dataset.live);
      known.delete(part.dataset.live);
      if (!part.closest("main")) {
        old.replaceWith(part);
        continue;
      }
      const now = keepOpen(old, part);
      if (before ? before.nextElementSibling !== now : main.firstElementChild !== now) {
        before ? before.after(now) : main.prepend(now);
      }
      before = now;
    }
    for (const gone of known.values()) gone.remove();
  };

  const html = new WeakMap(parts(document).map((part) => [part, part.innerHTML]));
  const keepOpen = (old, part) => {
    const text = part.innerHTML;
    if (old && html.get(old) === text) return old;
    html.set(part, text);
    if (!old) return part;
    for (const details of old.querySelectorAll("details")) {
      const twin = part.querySelector(`details[id="${CSS.escape(details.id)}"]`);
      if (twin) twin.open = details.open;
    }
    old.replaceWith(part);
    return part;
  };

  const refresh = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch("/", { cache: "no-store" });
        if (!answer.ok) throw new Error(answer.status);
        update(new DOMParser().parseFromString(await answer.text(), "text/html"));
        lost.hidden = true;
      } catch {
        lost.hidden = false;
      }
    }
    setTimeout(refresh, 2000);
  };
  setTimeout(refresh, 2000);
})();
