"use strict";
// Everything works without this file. It lets Enter send a one-line question; Shift+Enter makes a new line.
const question = document.getElementById("q");
if (question) {
  question.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229; // an input method is still choosing characters
    if (event.key === "Enter" && !event.shiftKey && !composing && !question.value.includes("\n")) {
      event.preventDefault();
      question.form.requestSubmit(question.form.querySelector("button.primary"));
    }
  });
}
