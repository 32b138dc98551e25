// Draws what the kernel has chosen and compared; nothing is counted or judged here.

const SVG = "http://www.w3.org/2000/svg";
const WORDS = { any: "any of these", all: "all of these", only: "none but these" };

function make(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function draw(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const words = (id) => id.replaceAll("_", " ");
const plural = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
const day = (text) => Date.parse(`${text}T00:00:00Z`);

function boxes(model, legend, name, values) {
  const inputs = values.map(([value, label]) => {
    const input = make("input", { type: "checkbox", onchange: send });
    return [value, input, make("label", {}, input, label)];
  });
  function send() {
    const picked = inputs.filter(([, input]) => input.checked).map(([value]) => value);
    choose(model, { [name]: picked });
  }
  return make(
    "fieldset",
    { "data-choice": name },
    make("legend", {}, `${legend} (none ticked: all)`),
    ...inputs.map(([, , label]) => label),
  );
}

function choose(model, change) {
  model.set("choice", { ...model.get("choice"), ...change });
  model.save_changes();
}

function menu(label, values, chosen, onchange) {
  const options = values.map(([value, text]) => make("option", { value }, text));
  const select = make("select", { onchange: () => onchange(select.value) }, ...options);
  select.value = chosen;
  return [make("label", {}, label, select), select];
}

function controls(model) {
  const options = model.get("options");
  const [first, last] = options.years;
  const years = [];
  for (let year = first; year <= last; year += 1) years.push([String(year), String(year)]);
  const span = () => {
    const ends = [Number(since.value), Number(until.value)].sort((one, other) => one - other);
    [since.value, until.value] = ends.map(String);
    choose(model, { years: ends });
  };
  const [from, since] = menu("From ", years, String(first), span);
  const [to, until] = menu("to ", years, String(last), span);
  const [how] = menu(
    "Reported by ",
    ["any", "all", "only"].map((value) => [value, WORDS[value]]),
    "any",
    (value) => choose(model, { witnesses: value }),
  );
  const [unit] = menu(
    "Count ",
    [["occasions", "occasions (a contact with its parts)"], ["contacts", "contacts (parts too)"]],
    "occasions",
    (value) => choose(model, { count: value }),
  );
  let waiting;
  const search = make("input", {
    type: "search",
    oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => choose(model, { words: search.value.trim() }), 250);
    },
  });
  const named = (name) => options[name].map(({ id, name: label }) => [id, label]);
  const witnesses = boxes(model, "Sides that report", "reported_by", named("reported_by"));
  witnesses.append(how);
  return make(
    "form",
    { "aria-label": "Choose contacts", onsubmit: (event) => event.preventDefault() },
    make("fieldset", {}, make("legend", {}, "Words and years"),
      make("label", {}, "Words of the title ", search), from, to, unit),
    boxes(model, "Tier", "tier", named("tier")),
    boxes(model, "Kind", "kind", named("kind")),
    witnesses,
    boxes(model, "Host", "host", named("host")),
    folded("Channels", boxes(model, "Channel", "channel", named("channel"))),
    folded("Areas of cooperation", boxes(model, "Area", "area", named("area"))),
  );
}

function folded(summary, content) {
  return make("details", {}, make("summary", {}, summary), content);
}

// Two lines of writing side by side need about this many pixels.
const ROOM = 44;

function axis(svg, x, height, first, last, width) {
  const step = Math.ceil((last - first + 1) / Math.max(1, Math.floor(width / ROOM)));
  for (let year = first; year <= last; year += step)
    svg.append(draw("text", { x: x(year), y: height - 4, class: "tick" }, String(year)));
}

function timeline(contacts, [first, last], width, open, current) {
  const lanes = [...new Set(contacts.map(({ kind }) => kind))].sort();
  const top = 14;
  const lane = 30;
  const height = lanes.length * lane + 22;
  const [begin, end] = [Date.UTC(first, 0, 1), Date.UTC(last + 1, 0, 1)];
  const x = (moment) => 8 + ((moment - begin) / (end - begin)) * (width - 16);
  const svg = draw("svg", { width, height, "aria-hidden": "true", class: "timeline" });
  lanes.forEach((kind, row) => {
    const own = contacts.filter((contact) => contact.kind === kind).length;
    const y = row * lane + top;
    svg.append(draw("line", { x1: 0, x2: width, y1: y + 8, y2: y + 8, class: "lane" }));
    svg.append(draw("text", { x: 0, y: y - 3, class: "name" }, `${words(kind)}, ${own}`));
  });
  for (const contact of contacts) {
    const y = lanes.indexOf(contact.kind) * lane + top + 8;
    const [from, to] = [x(day(contact.start)), x(day(contact.latest))];
    if (to > from) svg.append(draw("line", { x1: from, x2: to, y1: y, y2: y, class: "maybe" }));
    const mark = draw(
      "circle",
      { cx: from, cy: y, r: 5, "data-id": contact.id, class: contact.both ? "mark both" : "mark" },
      draw("title", {}, `${contact.when} ${contact.title}`),
    );
    mark.classList.toggle("open", contact.id === current);
    mark.addEventListener("click", () => open(contact.id));
    svg.append(mark);
  }
  axis(svg, (year) => x(Date.UTC(year, 0, 1)), height, first, last, width);
  return svg;
}

function bars(counts, unit, width) {
  const height = 170;
  const [top, bottom] = [18, height - 18];
  const most = Math.max(1, ...counts.map(({ high }) => high));
  const slot = width / counts.length;
  const y = (value) => bottom - (value / most) * (bottom - top);
  const summary = counts.map(({ year, count }) => `${year}: ${count}`).join(", ");
  const svg = draw("svg", { width, height, role: "img", "aria-label": `${unit} by year. ${summary}` });
  counts.forEach(({ count, low, high, partial }, place) => {
    const [left, middle] = [place * slot + slot * 0.2, (place + 0.5) * slot];
    const size = { x: left, y: y(count), width: slot * 0.6, height: bottom - y(count) };
    svg.append(draw("rect", { ...size, class: partial ? "bar partial" : "bar" }));
    svg.append(draw("path", { d: `M${middle} ${y(low)}V${y(high)}`, class: "whisker" }));
    if (slot >= 20)
      svg.append(draw("text", { x: middle, y: y(high) - 4, class: "number" }, String(count)));
  });
  const step = Math.ceil(ROOM / slot);
  counts.forEach(({ year }, place) => {
    if (place % step === 0)
      svg.append(draw("text", { x: (place + 0.5) * slot, y: height - 4, class: "number" }, String(year)));
  });
  return svg;
}

function table(heads, rows, caption) {
  const cells = (name, row) => row.map((cell, place) =>
    make(place && name === "td" ? "td" : "th", { scope: name === "th" ? "col" : place ? null : "row" }, String(cell)));
  return make(
    "table",
    {},
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...cells("th", heads))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells("td", row)))),
  );
}

function link(url, text) {
  const safe = /^https?:\/\//.test(url);
  return safe ? make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text) : text;
}

function reportOf(report) {
  const facts = [];
  const fact = (name, value) => value && facts.push(make("dt", {}, name), make("dd", {}, value));
  const basis = report.basis && report.basis !== "printed" ? ` (${report.basis})` : "";
  fact("start", report.start && `${report.start}${basis}`);
  fact("number", report.edition);
  for (const { name, role, office, rank } of report.people)
    fact(role || "person", [name, office, rank].filter(Boolean).join(", "));
  const notes = [report.language, report.reprint && "reprint", report.recalls && "in passing"];
  return make(
    "article",
    {},
    make("h5", {}, `${report.outlet}${report.published && `, ${report.published}`}`),
    make("p", {}, link(report.url, report.title || report.id), ` (${notes.filter(Boolean).join(", ")})`),
    make("dl", {}, ...facts),
  );
}

function comparisonOf(found, close) {
  if (found.problem) return [make("p", { role: "alert" }, found.problem)];
  const host = found.host && `, host: ${words(found.host)}`;
  const columns = found.sides.map(({ name, reports }) =>
    make(
      "section",
      { "aria-label": name, class: "side" },
      make("h4", {}, `${name}: ${plural(reports.length, "report")}`),
      ...(reports.length
        ? reports.map((report) => reportOf(report))
        : [make("p", {}, "No report of this side was found.")]),
    ),
  );
  const differ = found.differ.map(({ field, about, first, first_sides, second, second_sides }) =>
    make("li", {}, make("b", {}, `${field}${about && `, ${about}`}: `),
      `${first} (${first_sides}) ≠ ${second} (${second_sides})`));
  const naming = found.naming.map(({ id, name }) => [id, name]);
  const areas = found.areas.map(({ label, by }) => [
    label, ...naming.map(([id]) => by[id] ?? "–"),
  ]);
  return [
    make("button", { type: "button", onclick: close }, "Close (Escape)"),
    make("h3", {}, found.title),
    make("p", {}, `${found.when}, ${words(found.kind)}, ${found.tier}${host}`),
    make("div", { class: "sides" }, ...columns),
    make("h4", {}, "Where reports differ"),
    differ.length
      ? make("ul", { class: "differ" }, ...differ)
      : make("p", {}, "Nowhere, in what can be compared."),
    areas.length
      ? make("div", { class: "wide" },
        table(["area", ...naming.map(([, name]) => name)], areas, "What each side stresses: areas named, how far they have come, and whose sources say so"))
      : make("p", {}, "No area of cooperation is named."),
  ];
}

function render({ model, el }) {
  const options = model.get("options");
  const unique = `rel-${Math.random().toString(36).slice(2)}`;
  const status = make("p", { role: "status" });
  const lanes = make("div");
  const title = make("h4", {}, "Occasions by year, 95% interval");
  const counts = make("div");
  const list = make("ul", { role: "listbox", tabindex: "0", "aria-label": "Contacts", onkeydown: move });
  const panel = make("section", {
    tabindex: "-1", role: "region", "aria-label": "Reports side by side", class: "comparison",
    hidden: "",
  });
  const root = make(
    "section",
    // JupyterLab would take Enter, arrows and letters for its own commands.
    { class: "rel-explorer", "data-lm-suppress-shortcuts": "true", "aria-label": `Explorer: ${options.title}`, onkeydown: leave },
    controls(model), status, panel,
    make("h4", {}, "Line of time"),
    make("p", { class: "key" }, "Filled: reports of both sides; hollow: not of both. A line: the day is not known, and may be as late as its end."),
    lanes,
    title,
    counts,
    make("h4", { id: `${unique}-list` }, "Contacts"),
    make("p", { class: "key" }, "Arrows, Home and End move; Enter or a click opens the reports; Escape closes them."),
    list,
    make("p", { class: "key" }, options.caption),
  );
  let active = 0;

  function open(id) {
    if (model.get("event") === id) return reveal();
    model.set("event", id);
    model.save_changes();
  }

  function close() {
    model.set("event", "");
    model.save_changes();
    list.focus({ preventScroll: true });
    point(active);
  }

  function leave(event) {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    close();
  }

  function point(place) {
    const rows = list.children;
    if (!rows.length) return list.removeAttribute("aria-activedescendant");
    active = Math.min(Math.max(place, 0), rows.length - 1);
    for (const row of rows) row.setAttribute("aria-selected", String(row === rows[active]));
    list.setAttribute("aria-activedescendant", rows[active].id);
    const [row, box] = [rows[active].getBoundingClientRect(), list.getBoundingClientRect()];
    if (row.top < box.top) list.scrollTop -= box.top - row.top;
    if (row.bottom > box.bottom) list.scrollTop += row.bottom - box.bottom;
  }

  function move(event) {
    const last = list.children.length - 1;
    const places = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: last, PageDown: active + 8, PageUp: active - 8 };
    if (event.key in places) point(places[event.key]);
    else if (event.key === "Enter" && last >= 0) open(list.children[active].dataset.id);
    else return;
    event.preventDefault();
  }

  function figures() {
    const { contacts, counts: years, unit, problem } = model.get("shown");
    const heading = unit === "contacts" ? "Contacts" : "Occasions";
    const width = Math.floor(root.clientWidth);
    if (problem || !width) return;
    const span = model.get("choice").years ?? options.years;
    lanes.replaceChildren(timeline(contacts, span, width, open, model.get("event")));
    counts.replaceChildren(
      bars(years, heading, width),
      make("details", {}, make("summary", {}, "The same as a table"),
        table(["year", unit, "low", "high"],
          years.map(({ year, count, low, high, partial }) => [partial ? `${year}, in part` : year, count, low, high]),
          `${heading} by year, 95% interval`)),
    );
    title.textContent = `${heading} by year, 95% interval`;
  }

  function show() {
    const { contacts = [], of, number, unit, problem } = model.get("shown");
    const occasions = unit === "occasions" ? `, ${plural(number, "occasion")}` : "";
    status.textContent = problem ?? `${contacts.length} of ${of} contacts held${occasions}`;
    list.replaceChildren(...contacts.map(({ id, when, title: name, kind, tier }, place) =>
      make(
        "li",
        { role: "option", id: `${unique}-${place}`, "data-id": id, onclick: () => { point(place); open(id); } },
        make("time", {}, when), ` ${name} `, make("small", {}, `${words(kind)}, ${tier}`),
      )));
    list.scrollTop = 0;
    point(0);
    figures();
  }

  function reveal() {
    const found = model.get("comparison");
    const id = found.id ?? (found.problem && model.get("event"));
    panel.hidden = !id;
    panel.replaceChildren(...(id ? comparisonOf(found, close) : []));
    for (const mark of lanes.querySelectorAll(".mark"))
      mark.classList.toggle("open", mark.dataset.id === id);
    if (id) panel.focus();
  }

  const width = new ResizeObserver(figures);
  width.observe(root);
  model.on("change:shown", show);
  model.on("change:comparison", reveal);
  el.append(root);
  show();
  reveal();
  return () => {
    width.disconnect();
    model.off("change:shown", show);
    model.off("change:comparison", reveal);
  };
}

export default { render };
