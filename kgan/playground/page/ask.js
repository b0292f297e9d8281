// Questions to the server, and where their errors are shown.

const error = document.getElementById("error");

export const show = (message) => {
  error.textContent = message;
  error.hidden = !message;
};

// The answer to a question of kgan/playground/desk.py; null, and a sentence on the page, where
// there is none.
export async function ask(question, args = {}) {
  let found;
  try {
    const answer = await fetch("ask/" + question, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(args),
    });
    found = await answer.json();
  } catch {
    found = { error: "The server is gone, or failed: see what it said in its terminal." };
  }
  show(found.error || "");
  return found.error ? null : found;
}

export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};
