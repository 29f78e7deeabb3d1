// The text at the desk: places in it as [start, end) in Unicode characters, as the service counts them.
const reading = document.getElementById("reading");
let stretches = [];
let sentences = [];
let words = [];

// Read the text of the page, again when it has changed.
export function readText() {
  stretches = [...reading.querySelectorAll(".sentence > [data-start]")].map((each) => {
    const start = Number(each.dataset.start);
    const letters = [...each.textContent];
    return { node: each.firstChild, start, end: start + letters.length, letters };
  });
  sentences = [...reading.querySelectorAll(".sentence")].map((each) => ({
    element: each,
    start: Number(each.dataset.start),
    end: Number(each.dataset.end),
  }));
  words = [];
  for (const { start, letters } of stretches) {
    letters.forEach((letter, index) => {
      const at = start + index;
      const last = words.at(-1);
      if (/\s/u.test(letter)) return;
      if (last && last[1] === at) last[1] = at + 1;
      else words.push([at, at + 1]);
    });
  }
}

export const allSentences = () => sentences;

export function sentenceAt(place) {
  return sentences.findIndex((each) => each.start <= place && place < each.end);
}

// The end, or the beginning, of the words moved on by one word.
export function endMoved([start, end], by) {
  const at = words.findIndex((word) => word[1] >= end);
  const moved = words[at + by];
  return moved && moved[1] > start ? [start, moved[1]] : [start, end];
}

export function beginningMoved([start, end], by) {
  const at = words.findIndex((word) => word[0] >= start);
  const moved = words[at + by];
  return moved && moved[0] < end ? [moved[0], end] : [start, end];
}

export function rangeOf([start, end]) {
  const range = document.createRange();
  const first = stretches.find((each) => start < each.end);
  const last = stretches.findLast((each) => each.start < end);
  range.setStart(first.node, unitsBefore(first, start));
  range.setEnd(last.node, unitsBefore(last, end));
  return range;
}

function unitsBefore({ start, letters }, place) {
  return letters.slice(0, Math.max(0, place - start)).join("").length;
}

// What a selection of the browser marks, whole characters of the text; nothing where it lies elsewhere.
export function placeOf(selection) {
  if (selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(reading)) return null;
  const touched = stretches.filter((each) => range.intersectsNode(each.node));
  if (touched.length === 0) return null;
  const [first, last] = [touched[0], touched.at(-1)];
  const from = first.node === range.startContainer ? [...first.node.data.slice(0, range.startOffset)].length : 0;
  const until = last.node === range.endContainer ? [...last.node.data.slice(0, range.endOffset)].length : last.letters.length;
  const place = [first.start + from, last.start + until];
  return words.some((word) => word[0] < place[1] && place[0] < word[1]) ? place : null;
}
