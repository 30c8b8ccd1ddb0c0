// The six seven-segment digits of a keypad: people waiting (amber), last digits of the called number (red).

const SEGMENTS = { // a top, b and c right, d bottom, e and f left, g middle
  0: "abcdef", 1: "bc", 2: "abdeg", 3: "abcdg", 4: "bcfg", 5: "acdfg", 6: "acdefg", 7: "abc", 8: "abcdefg", 9: "abcdfg",
  "-": "g", " ": "",
};
const BARS = { a: [2, 0, 1], b: [12, 2, 0], c: [12, 14, 0], d: [2, 24, 1], e: [0, 14, 0], f: [0, 2, 0], g: [2, 12, 1] };
const LONG = 10;
const THICK = 3;
const STEP = 20; // canvas dots from digit to digit
const GAP = 10; // between the two groups
const AMBER = ["#ffb52e", "#2e2413"];
const RED = ["#ff5040", "#331815"];

export function show(canvas, digits) {
  canvas.width = STEP * 6 + GAP + 8;
  canvas.height = 36;
  const brush = canvas.getContext("2d");
  brush.setTransform(1, 0, -0.08, 1, 7, 4);
  for (let place = 0; place < 6; place += 1) {
    const left = place * STEP + (place > 2 ? GAP : 0);
    draw(brush, digits[place] ?? " ", left, place < 3 ? AMBER : RED);
  }
}

function draw(brush, digit, left, [lit, dark]) {
  const on = SEGMENTS[digit] ?? "";
  for (const [name, [x, y, lying]] of Object.entries(BARS)) {
    brush.fillStyle = on.includes(name) ? lit : dark;
    brush.beginPath();
    brush.roundRect(left + x, y, lying ? LONG : THICK, lying ? THICK : LONG, 1.4);
    brush.fill();
  }
}
