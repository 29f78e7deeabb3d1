// Fields that take names: completed from two letters on, several as chips, a new one by Enter.
const NEW = "+";

export function offerNames(field, changed) {
  const input = field.querySelector("[role=combobox]");
  const list = field.querySelector("[role=listbox]");
  const kept = field.querySelector("input[type=hidden]");
  const several = "several" in field.dataset;
  let active = -1;
  let asked = 0;

  const close = () => {
    asked += 1; // what is still on its way comes too late
    list.hidden = true;
    list.replaceChildren();
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    const options = [...list.children];
    options.forEach((each, at) => each.setAttribute("aria-selected", String(at === index)));
    active = index;
    if (options[index]) input.setAttribute("aria-activedescendant", options[index].id);
  };
  const take = (value, words) => {
    const values = several ? kept.value.split("\n").filter((each) => each && each !== value) : [];
    const lines = value.split("\n");
    const called = words.split("\n");
    kept.value = [...values, ...lines].join("\n");
    lines.forEach((line, at) => (field.labels[line] = called[at] ?? line));
    input.value = "";
    close();
    show();
    changed();
  };
  const show = () => {
    const values = kept.value.split("\n").filter(Boolean);
    field.querySelector(".taken").replaceChildren(...values.map((value) => chip(field, value, () => {
      kept.value = values.filter((each) => each !== value).join("\n");
      show();
      changed();
      input.focus();
    })));
  };
  const complete = async () => {
    const typed = input.value.trim();
    if ([...typed].length < 2) return close();
    const now = ++asked;
    const kind = field.dataset.names === "actor" ? { kind: "actor" } : {};
    const answer = await fetch(`/api/v1/names?${new URLSearchParams({ q: typed, limit: 8, ...kind })}`);
    if (now !== asked || !answer.ok) return undefined;
    const { names } = await answer.json();
    const known = names.map((each) => option(list, each.subject, each.name, each.called === "name" || each.called === "title" ? "" : each.called));
    const isKnown = names.some((each) => each.name.toLowerCase() === typed.toLowerCase());
    if (!isKnown) known.push(option(list, NEW + typed, typed, "new"));
    list.replaceChildren(...known);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    return choose(0);
  };
  field.labels = {};
  field.take = take;
  field.show = show;
  field.says = () => kept.value.split("\n").filter(Boolean).map((each) => field.labels[each] ?? each.replace(NEW, "")).join(" and ");
  input.addEventListener("input", complete);
  input.addEventListener("blur", () => setTimeout(close, 200));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      const count = list.children.length;
      choose((active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && !event.ctrlKey && input.value.trim()) {
      event.preventDefault();
      const chosen = list.children[active];
      if (chosen && !list.hidden) take(chosen.dataset.value, chosen.dataset.words);
      else take(NEW + input.value.trim(), input.value.trim());
    }
  });
  list.addEventListener("pointerdown", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (!chosen) return;
    event.preventDefault();
    take(chosen.dataset.value, chosen.dataset.words);
  });
}

function option(list, value, words, note) {
  const made = document.createElement("li");
  made.setAttribute("role", "option");
  made.id = `${list.id}-${value.replace(/\W+/g, "-")}`;
  Object.assign(made.dataset, { value, words });
  made.append(words);
  if (note) made.append(Object.assign(document.createElement("span"), { className: "by", textContent: ` ${note}` }));
  return made;
}

function chip(field, value, remove) {
  const made = document.createElement("li");
  const words = field.labels[value] ?? value.replace(NEW, "");
  made.append(words, value.startsWith(NEW) ? Object.assign(document.createElement("span"), { className: "by", textContent: " new" }) : "");
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
  button.setAttribute("aria-label", `Take ${words} away`);
  button.addEventListener("click", remove);
  made.append(button);
  return made;
}
