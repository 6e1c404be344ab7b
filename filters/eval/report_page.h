/* SPDX-License-Identifier: Apache-2.0 */
/* report_page.h: the parts of the HTML report that are always the same. */
#ifndef EVAL_REPORT_PAGE_H
#define EVAL_REPORT_PAGE_H

#define PAGE_HEAD \
	"<!DOCTYPE html>\n" \
	"<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n" \
	"<meta charset=\"utf-8\"/>\n" \
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" \
	"<meta name=\"color-scheme\" content=\"light dark\"/>\n"

/* Colours are told apart by those who see no red or green: orange lines on blue-grey, dark bars. */
#define PAGE_STYLE \
	"<style>\n" \
	":root{--paper:#fff;--ink:#1b1f24;--soft:#5b6570;--line:#d5dae0;--card:#f4f6f8;" \
	"--before:#9db4cc;--after:#b84a00;--error:#7a1fa2;--link:#0b57c4}\n" \
	"@media (prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e4e7ea;--soft:#9aa4ae;" \
	"--line:#333a41;--card:#1e2328;--before:#4a6380;--after:#ff9d4d;--error:#c58be0;" \
	"--link:#7db4ff}}\n" \
	"*{box-sizing:border-box}\n" \
	"body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,sans-serif}\n" \
	"main{max-width:80rem;margin:0 auto;padding:1rem}\n" \
	"h1{font-size:1.5rem;margin:.5rem 0 .2rem;overflow-wrap:anywhere}\n" \
	"h2{font-size:1.1rem;margin:1.4rem 0 .5rem}\n" \
	"h3{font-size:1rem;margin:0;overflow-wrap:anywhere}\n" \
	"p{color:var(--soft);margin:.25rem 0 .7rem;overflow-wrap:anywhere}\n" \
	"a{color:var(--link)}\n" \
	"code{font:.85rem/1.5 ui-monospace,monospace;overflow-wrap:anywhere}\n" \
	"ol{margin:0;padding-left:1.6rem}\n" \
	".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.6rem;" \
	"margin:.8rem 0}\n" \
	".cards div{background:var(--card);border-radius:.5rem;padding:.6rem .8rem}\n" \
	"dt{color:var(--soft);font-size:.8rem}\n" \
	"dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}\n" \
	".wide{overflow-x:auto;margin-bottom:1.5rem;border:1px solid var(--line);border-radius:.5rem}\n" \
	"table{border-collapse:collapse;width:100%;font-size:.85rem;" \
	"font-variant-numeric:tabular-nums}\n" \
	"th,td{padding:.35rem .45rem;text-align:right;white-space:nowrap;" \
	"border-bottom:1px solid var(--line)}\n" \
	"thead th{color:var(--soft);font-weight:500}\n" \
	"thead button{all:unset;cursor:pointer}\n" \
	"thead button:hover,thead button:focus-visible{color:var(--ink);text-decoration:underline}\n" \
	"th[aria-sort=ascending]::after{content:\" \\25B4\"}\n" \
	"th[aria-sort=descending]::after{content:\" \\25BE\"}\n" \
	"th:first-child,.l{text-align:left}\n" \
	"tbody th{font-weight:500}\n" \
	"tbody tr:hover{background:var(--card)}\n" \
	"tfoot th,tfoot td{font-weight:600;border-bottom:0}\n" \
	".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,28rem),1fr));" \
	"gap:1rem}\n" \
	"section{border:1px solid var(--line);border-radius:.5rem;padding:.8rem;min-width:0}\n" \
	"section svg{display:block;width:100%;height:auto}\n" \
	"td svg{display:block;width:6.4rem;height:1.4rem}\n" \
	"svg text{fill:var(--soft);font-size:12px}\n" \
	".before{fill:var(--before)}\n" \
	".alone{fill:var(--after)}\n" \
	".after{fill:none;stroke:var(--after);stroke-width:1.5}\n" \
	"td .after{stroke-width:1;vector-effect:non-scaling-stroke}\n" \
	".error{fill:var(--error)}\n" \
	".ground{fill:none;stroke:var(--line)}\n" \
	".key{display:inline-block;width:.8em;height:.8em;border-radius:.15em}\n" \
	".kb{background:var(--before)}.ka{background:var(--after)}.ke{background:var(--error)}\n" \
	"@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--card:#fff;" \
	"--before:#9db4cc;--after:#b84a00;--error:#7a1fa2;--link:#000}main{max-width:none;padding:0}" \
	".wide{overflow:visible;border:0}table{font-size:.7rem}th,td{padding:.15rem .3rem}" \
	".cards div{border:1px solid var(--line)}section{break-inside:avoid}" \
	".charts{grid-template-columns:1fr 1fr}" \
	"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n" \
	"</style>\n"

/*
 * Makes the heads of columns buttons that sort. Without it the page is as it was written. No character of
 * it may want escaping, neither in XML nor in HTML.
 */
#define PAGE_SCRIPT \
	"<script>\n" \
	"(function () {\n" \
	"  'use strict';\n" \
	"  var table = document.querySelector('table'), body = table.tBodies[0];\n" \
	"  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);\n" \
	"  function isText(i) { return i === 0 || heads[i].className === 'l'; }\n" \
	"  function value(row, i) {\n" \
	"    var text = row.cells[i].title || row.cells[i].textContent, number;\n" \
	"    if (isText(i)) { return text; }\n" \
	"    if (text === 'same') { return Infinity; }\n" \
	"    number = parseFloat(text.replace(/,/g, ''));\n" \
	"    return isNaN(number) ? null : number;\n" \
	"  }\n" \
	"  function sort(i) {\n" \
	"    var was = heads[i].getAttribute('aria-sort'), rows = Array.prototype.slice.call(body.rows);\n" \
	"    var down = was ? was === 'ascending' : heads[i].className === 'd';\n" \
	"    rows.sort(function (a, b) {\n" \
	"      var x = value(a, i), y = value(b, i), order;\n" \
	"      if (x === null || y === null) { return (x === null) - (y === null); }\n" \
	"      order = isText(i) ? x.localeCompare(y, 'en', { numeric: true }) :\n" \
	"        x === y ? 0 : x > y ? 1 : -1;\n" \
	"      return down ? -order : order;\n" \
	"    });\n" \
	"    rows.forEach(function (row) { body.appendChild(row); });\n" \
	"    heads.forEach(function (head) { head.removeAttribute('aria-sort'); });\n" \
	"    heads[i].setAttribute('aria-sort', down ? 'descending' : 'ascending');\n" \
	"  }\n" \
	"  heads.forEach(function (head, i) {\n" \
	"    var button = document.createElement('button');\n" \
	"    if (head.className === 'h') { return; }\n" \
	"    button.type = 'button';\n" \
	"    button.textContent = head.textContent;\n" \
	"    head.textContent = '';\n" \
	"    head.appendChild(button);\n" \
	"    button.addEventListener('click', function () { sort(i); });\n" \
	"  });\n" \
	"}());\n" \
	"</script>\n"

#define PAGE_LEGEND "<p>%s Heights are square roots.</p>\n"
#define PAGE_LEGEND_COMPARED \
	"<span class=\"key kb\"></span> weights of the reference, " \
	"<span class=\"key ka\"></span> of this stream, <span class=\"key ke\"></span> squared error."
#define PAGE_LEGEND_ALONE "<span class=\"key ka\"></span> how often each value occurs."

#endif
