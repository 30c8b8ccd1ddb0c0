// A panel's frame buffer as lamps: '.' dark, '#' red, 'g' green, 'y' yellow.

const PITCH = 4; // canvas dots per lamp
const EDGE = 1; // lamps of black around
const COLOURS = { "#": ["#ff4a2a", "#ffb08a"], g: ["#2fe06a", "#b6ffcf"], y: ["#ffc62e", "#fff0b0"] };

const grounds = new Map();
const lamps = new Map();

export function paint(canvas, rows, brightness) {
  const width = (rows[0].length + 2 * EDGE) * PITCH;
  const height = (rows.length + 2 * EDGE) * PITCH;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const brush = canvas.getContext("2d");
  brush.globalAlpha = 1;
  brush.globalCompositeOperation = "source-over";
  brush.drawImage(ground(rows[0].length, rows.length, width, height), 0, 0);
  brush.globalAlpha = 0.45 + (0.55 * brightness) / 15;
  brush.globalCompositeOperation = "lighter";
  for (let y = 0; y < rows.length; y += 1) {
    const row = rows[y];
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== ".") brush.drawImage(lamp(row[x]), (x + EDGE - 0.5) * PITCH, (y + EDGE - 0.5) * PITCH);
    }
  }
}

function ground(columns, lines, width, height) {
  const key = `${columns}x${lines}`;
  if (!grounds.has(key)) {
    const sheet = sheetOf(width, height);
    const brush = sheet.getContext("2d");
    brush.fillStyle = "#0a0606";
    brush.fillRect(0, 0, width, height);
    brush.fillStyle = "#241110";
    for (let y = EDGE; y < lines + EDGE; y += 1) {
      for (let x = EDGE; x < columns + EDGE; x += 1) {
        brush.beginPath();
        brush.arc((x + 0.5) * PITCH, (y + 0.5) * PITCH, PITCH * 0.32, 0, 7);
        brush.fill();
      }
    }
    grounds.set(key, sheet);
  }
  return grounds.get(key);
}

// One lit lamp with its glow, two pitches wide.
function lamp(colour) {
  if (!lamps.has(colour)) {
    const [outer, inner] = COLOURS[colour] ?? COLOURS["#"];
    const sheet = sheetOf(PITCH * 2, PITCH * 2);
    const brush = sheet.getContext("2d");
    const glow = brush.createRadialGradient(PITCH, PITCH, 0, PITCH, PITCH, PITCH);
    glow.addColorStop(0, inner);
    glow.addColorStop(0.3, outer);
    glow.addColorStop(0.5, `${outer}90`);
    glow.addColorStop(1, `${outer}00`);
    brush.fillStyle = glow;
    brush.fillRect(0, 0, PITCH * 2, PITCH * 2);
    lamps.set(colour, sheet);
  }
  return lamps.get(colour);
}

function sheetOf(width, height) {
  const sheet = document.createElement("canvas");
  sheet.width = width;
  sheet.height = height;
  return sheet;
}
