// The table is whole without this script; here it learns to sort, to filter and to search.
// A page opened from disk may not import a module from a file, so it comes as text.
import(URL.createObjectURL(new Blob([DATATABLES], { type: "text/javascript" }))).then(
  ({ default: DataTable }) => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => {
      const theme = document.body.dataset.theme;
      document.documentElement.classList.toggle(
        "dark", theme === "dark" || (theme !== "light" && dark.matches));
    };
    new MutationObserver(follow).observe(document.body, { attributeFilter: ["data-theme"] });
    dark.addEventListener("change", follow);
    follow();

    // Điện Biên is found by dien bien: tone marks go, and đ, which no decomposition takes apart.
    const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "")
      .replace(/đ/g, "d").replace(/Đ/g, "D");
    DataTable.util.diacritics((text, both) => {
      if (typeof text !== "string") return text;
      return both === true && plain(text) !== text ? `${text} ${plain(text)}` : plain(text);
    });

    const element = document.getElementById("contacts");
    const heads = [...element.tHead.rows[0].cells].map((cell) => cell.textContent);
    const values = [...element.tBodies[0].rows].map(
      (row) => [...row.cells].map((cell) => cell.textContent));
    const only = (words, row, column, cell) =>
      (heads[column] === "Contact" ? cell.querySelector("a") : cell).textContent;
    const title = (words, column, cell) =>
      cell.querySelector(".dt-column-title")?.textContent ?? cell.textContent;
    const table = new DataTable(element, {
      autoWidth: false,
      pageLength: 25,
      order: [[0, "desc"]],
      ordering: { indicators: false, handler: false },
      columnControl: ["order"],
      // These are searched, filtered and downloaded, and would make the table too wide.
      columnDefs: [{ targets: element.dataset.hidden.split(" ").map(Number), visible: false }],
      language: { search: "Search", info: "_START_ to _END_ of _TOTAL_ contacts",
        infoEmpty: "No contact", infoFiltered: "(of _MAX_)", zeroRecords: "No contact is so." },
      layout: {
        topStart: "search",
        topEnd: { buttons: [{
          extend: "csvHtml5", text: "Download what is shown (CSV)", title: "contacts", bom: true,
          exportOptions: { format: { header: title, body: only } },
        }] },
        bottom2Start: "pageLength",
      },
    });

    // What is chosen stands in the address, so that it can be sent, and is there on coming back.
    const form = document.querySelector("form.filters");
    const chosen = () => [...new FormData(form)].filter(([, value]) => value.trim());
    table.search.fixed("chosen", (words, cells, row) => chosen().every(([head, value]) => {
      const own = values[row][heads.indexOf(head)];
      return head === "People"
        ? plain(own).toLowerCase().includes(plain(value.trim()).toLowerCase())
        : own.split("; ").includes(value);
    }));
    const show = () => {
      history.replaceState(null, "", `#${new URLSearchParams(chosen())}`);
      table.draw();
    };
    const read = () => {
      form.reset();
      for (const [head, value] of new URLSearchParams(location.hash.slice(1)))
        if (form.elements[head]) form.elements[head].value = value;
      table.draw();
    };
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelector("button").addEventListener("click", () => { form.reset(); show(); });
    addEventListener("hashchange", read);
    form.hidden = false;
    read();

    // A click anywhere on a row does what its title does, unless words are being marked.
    element.tBodies[0].addEventListener("click", (event) => {
      const link = event.target.closest("tr")?.querySelector("a[href^='contacts/']");
      if (!link || event.target.closest("a") || String(getSelection())) return;
      if (event.ctrlKey || event.metaKey) open(link.href);
      else location.href = link.href;
    });
  });
