"use strict";
// Everything works without this file. It lets Enter send a one-line question; Shift+Enter makes a new line.
const question = document.getElementById("q");
if (question) {
  complete(question);
  question.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229; // an input method is still choosing characters
    if (event.key === "Enter" && !event.shiftKey && !composing && !question.value.includes("\n")) {
      event.preventDefault();
      question.form.requestSubmit(question.form.querySelector("button.primary"));
    }
  });
}

// Completions while a short question is typed; arrows choose, Enter takes, Escape closes.
function complete(field) {
  const list = document.createElement("ul");
  list.id = "completions";
  list.className = "completions";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  field.closest(".box").after(list);
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("autocomplete", "off");
  const kinds = { topic: "主题", keyword: "关键词", person: "人", organisation: "机构" };
  let timer = 0;
  let chosen = -1;
  const close = () => { list.hidden = true; list.replaceChildren(); chosen = -1; };
  const take = (item) => {
    if (item.dataset.person) { location.assign("/experts/" + encodeURIComponent(item.dataset.person)); return; }
    field.value = item.dataset.text;
    close();
    field.focus();
  };
  const mark = (place) => {
    chosen = place;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
  };
  const show = (found) => {
    close();
    for (const each of found) {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.dataset.text = each.text;
      if (each.kind === "person") item.dataset.person = each.id;
      const kind = document.createElement("span");
      kind.className = "note";
      kind.textContent = " " + kinds[each.kind] + (each.works ? " · " + each.works + " 项" : "");
      item.append(each.text, kind);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(item); });
      list.append(item);
    }
    list.hidden = !found.length;
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    const typed = field.value.trim();
    if (!typed || typed.length > 32 || typed.includes("\n")) { close(); return; }
    timer = setTimeout(async () => {
      try {
        const reply = await fetch("/suggest?q=" + encodeURIComponent(typed));
        if (reply.ok && field.value.trim() === typed) show((await reply.json()).suggestions);
      } catch { close(); }
    }, 120);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const count = list.children.length;
    if (event.key === "ArrowDown") { event.preventDefault(); mark((chosen + 1) % count); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(chosen <= 0 ? count - 1 : chosen - 1); }
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); event.stopImmediatePropagation(); take(list.children[chosen]); }
  });
}
