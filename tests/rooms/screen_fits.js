// What does not fit on a hall screen: parts that are cut off, texts wider than their place, parts that lie over others.
() => {
  const parts = [...document.querySelectorAll("#hero, #calls li, #more:not([hidden]), #recent li, #queues li")];
  const cut = parts.filter((part) => {
    const at = part.getBoundingClientRect();
    const texts = [...part.querySelectorAll(".number, .where, .name, .people")];
    return at.bottom > innerHeight || at.right > innerWidth || [part, ...texts].some((one) => {
      return getComputedStyle(one).display !== "inline" && one.scrollWidth > one.clientWidth + 1;
    });
  });
  const over = parts.flatMap((one, place) => {
    const a = one.getBoundingClientRect();
    return parts.slice(place + 1).filter((other) => {
      const b = other.getBoundingClientRect();
      return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    });
  });
  return [...cut.map((part) => `cut: ${part.outerHTML}`), ...over.map((part) => `over: ${part.outerHTML}`)];
}
