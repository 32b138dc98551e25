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
    DataTable.util.diacritics((text, both) => {
      if (typeof text !== "string") return text;
      const plain = text.normalize("NFD").replace(/[\u0300-\u036f]/g, "")
        .replace(/đ/g, "d").replace(/Đ/g, "D");
      return both === true && plain !== text ? `${text} ${plain}` : plain;
    });
    const table = document.getElementById("contacts");
    const filter = (by) => ({ extend: "dropdown", text: "Filter", icon: "search", content: [by] });
    const download = {
      extend: "csvHtml5",
      text: "Download what is shown (CSV)",
      title: "contacts",
      bom: true,
      exportOptions: {
        format: {
          header: (words, column, cell) =>
            cell.querySelector(".dt-column-title")?.textContent ?? cell.textContent,
          body: (words, row, column, cell) =>
            (column === 1 ? cell.querySelector("a") : cell).textContent,
        },
      },
    };
    new DataTable(table, {
      autoWidth: false,
      pageLength: 25,
      order: [[0, "desc"]],
      ordering: { indicators: false, handler: false },
      columnControl: ["order", filter("search")],
      columnDefs: [
        { targets: [2, 3, 4, 5, 6, 7], columnControl: ["order", filter("searchList")] },
        // Heads, place and areas are searched and downloaded, and would make the table too wide.
        { targets: [8, 9, 10], visible: false },
      ],
      layout: { topStart: "search", topEnd: "pageLength", bottom2Start: { buttons: [download] } },
    });
  });
