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
    const table = document.getElementById("contacts");
    const filter = (by) => ({ extend: "dropdown", text: "Filter", icon: "search", content: [by] });
    new DataTable(table, {
      autoWidth: false,
      pageLength: 25,
      order: [[0, "desc"]],
      ordering: { indicators: false, handler: false },
      columnControl: ["order", filter("search")],
      columnDefs: [{
        targets: [2, 3, 4, 5],
        columnControl: ["order", filter("searchList")],
      }],
      layout: { topStart: "search", topEnd: "pageLength" },
    });
  });
