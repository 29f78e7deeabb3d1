// Days in words, and where an axis is marked. All in UTC, as the bounds are.
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];
export const DAY = 86400000;

export function inWords(value) {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  return day ? `${Number(day[3])} ${MONTHS[Number(day[2]) - 1]} ${day[1]}` : value;
}

export function dayOf(milliseconds) {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

export function short(milliseconds) {
  const date = new Date(milliseconds);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

const STEPS = [
  ...[1, 2, 7, 14].map((days) => ({ days })),
  ...[1, 3, 6].map((months) => ({ months })),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((years) => ({ months: 12 * years })),
];

// The marks of an axis: [milliseconds, words], no more than fit at `room` pixels each.
export function ticks(from, until, width, room = 84) {
  const most = Math.max(1, Math.floor(width / room));
  const length = (step) => (step.days ?? step.months * 30.44) * DAY;
  const step = STEPS.find((each) => (until - from) / length(each) <= most) ?? STEPS[STEPS.length - 1];
  const found = [];
  if (step.days) {
    const size = step.days * DAY;
    for (let at = Math.ceil(from / size) * size; at <= until; at += size) found.push([at, dayWords(at, found.at(-1)?.[0])]);
    return found;
  }
  const start = new Date(from);
  const first = start.getUTCFullYear() * 12 + start.getUTCMonth();
  for (let month = Math.ceil(first / step.months) * step.months; ; month += step.months) {
    const date = new Date(0);
    date.setUTCFullYear(Math.floor(month / 12), ((month % 12) + 12) % 12, 1);
    if (date.getTime() > until) return found;
    if (date.getTime() >= from) found.push([date.getTime(), monthWords(date, step, found.length)]);
  }
}

function dayWords(at, previous) {
  const date = new Date(at);
  const [day, month] = [date.getUTCDate(), date.getUTCMonth()];
  if (previous === undefined) return short(at);
  return month === new Date(previous).getUTCMonth() ? String(day) : `${day} ${MONTHS[month]}`;
}

function monthWords(date, step, place) {
  const year = date.getUTCFullYear();
  if (step.months >= 12) return String(year);
  return place === 0 || date.getUTCMonth() === 0 ? `${MONTHS[date.getUTCMonth()]} ${year}` : MONTHS[date.getUTCMonth()];
}
