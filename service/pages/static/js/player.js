// The player: steps the clock of reports (else of records) from change to change and stops at any key or press.
const PAUSE = 1500;

export function player(clocks, go) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "first";
  const words = document.createElement("span");
  button.append(words);
  let playing = false;
  const say = () => {
    words.textContent = playing ? "Stop" : "Play what became known";
    document.documentElement.toggleAttribute("data-playing", playing);
  };
  const stop = () => {
    playing = false;
    say();
  };
  const start = async () => {
    const clock = [clocks.get("reported_until"), clocks.get("recorded_until")].find((each) => each?.moments.length > 1);
    if (!clock) return;
    playing = true;
    button.style.minWidth = `${button.getBoundingClientRect().width}px`; // fewer words, the same room
    say();
    const last = clock.moments.length;
    let place = Number(clock.range.value);
    if (place >= last - 1) place = -1;
    while (playing && place < last) {
      place += 1;
      clock.range.value = place;
      clock.write();
      await go({ remember: "replace" });
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    stop();
  };
  // A press on the button while it plays stops it; the click that the press ends in must not start it again.
  let pressed = false;
  const press = (event) => {
    pressed = playing && button.contains(event.target) && (event.type === "pointerdown" || event.key === "Enter" || event.key === " ");
    if (playing) stop();
  };
  addEventListener("keydown", press, true);
  addEventListener("pointerdown", press, true);
  button.addEventListener("click", () => {
    if (!pressed) start();
    pressed = false;
  });
  say();
  return button;
}
