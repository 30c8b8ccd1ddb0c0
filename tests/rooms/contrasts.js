// Measures what is seen: contrast of every text, size of type and of targets, and whether anything is cut off.
({ smallest, target, contrast }) => {
  const wrong = [];
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const grounds = (node) => {
    // every colour the ground of this node may have: a gradient has several
    let found = [];
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const stops = [...style.backgroundImage.matchAll(/rgba?\([^)]*\)/g)].map((m) => parse(m[0]));
      const colour = parse(style.backgroundColor);
      const here = stops.length ? stops : colour.a > 0 ? [colour] : [];
      if (here.length) found.push(here);
      if (here.some((c) => c.a === 1)) break;
    }
    return found.reduceRight((below, here) => here.flatMap((c) => below.map((b) => over(c, b))), [parse("rgb(255,255,255)")]);
  };
  const lying = document.querySelector("#veil:not([hidden])");
  const seen = (node) => node.getClientRects().length > 0 && (!lying || lying.contains(node));
  for (const node of document.body.querySelectorAll("*")) {
    if (!seen(node)) continue;
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const box = node.getBoundingClientRect();
    const name = `${node.tagName.toLowerCase()}.${node.className} "${node.textContent.trim().slice(0, 24)}"`;
    if (own) {
      const style = getComputedStyle(node);
      const size = parseFloat(style.fontSize);
      if (size < smallest - 0.5) wrong.push(`${name}: type of ${size} px`);
      const least = Math.min(...grounds(node).map((ground) => ratio(over(parse(style.color), ground), ground)));
      if (least < contrast) wrong.push(`${name}: contrast ${least.toFixed(2)}`);
      if (node.scrollWidth > node.clientWidth + 1 && style.display !== "inline") wrong.push(`${name}: wider than its box`);
      const holder = node.closest("button, .card, .note, .banner, header, footer") ?? document.body;
      const frame = holder.getBoundingClientRect();
      if (box.top < frame.top - 1 || box.bottom > frame.bottom + 1 || box.left < frame.left - 1 || box.right > frame.right + 1)
        wrong.push(`${name}: out of its ${holder.tagName.toLowerCase()}.${holder.className}`);
    }
    if (node.tagName === "BUTTON" && (box.width < target || box.height < target - 0.5))
      wrong.push(`${name}: target of ${Math.round(box.width)}x${Math.round(box.height)} px`);
    if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1) wrong.push(`${name}: off the screen`);
  }
  return wrong;
}
