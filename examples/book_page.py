"""The page of results: what each experiment of the book gave, beside what the book says."""

TITLES = {
    "chapter1": "Chapter 1: using neural nets to recognize handwritten digits",
    "chapter2": "Chapter 2: how the backpropagation algorithm works",
    "chapter3": "Chapter 3: improving the way neural networks learn",
    "chapter4": "Chapter 4: a visual proof that neural nets can compute any function",
    "chapter5": "Chapter 5: why are deep neural networks hard to train?",
    "chapter6": "Chapter 6: deep learning",
}


def number(value):
    return "–" if value is None else f"{value:.6g}"


def band_of(figure):
    band = figure["band"]
    if band is None:
        return "–"
    return number(band[0]) if band[0] == band[1] else f"{number(band[0])} … {number(band[1])}"


def verdict(figure):
    return {True: "within", False: "**missed**", None: "–"}[figure["within"]]


def verdict_of(result):
    """In a word, for all figures of an experiment."""
    judged = [figure for figure in result["figures"] if figure["within"] is not None]
    missed = [figure["quantity"] for figure in judged if not figure["within"]]
    changed = [change for figure in result["figures"] for change in figure.get("changed", [])]
    if missed and changed:
        return "not the book's: " + "; ".join(changed)
    if missed:
        return "missed: " + "; ".join(missed)
    return "within" if judged else "shown"


def anchor(result):
    return f"{result['chapter']}-{result['name']}"


def cell(text):
    return text.replace("|", "\\|")


def figures_table(result):
    lines = ["| quantity | book | measured | band | verdict |", "|---|---|---|---|---|"]
    for figure in result["figures"]:
        lines.append(
            f"| {cell(figure['quantity'])} | {number(figure['published'])} | {number(figure['measured'])} | "
            f"{band_of(figure)} | {verdict(figure)} |"
        )
    return lines


def section(result):
    lines = [f'### <a id="{anchor(result)}"></a>{result["name"]}', ""]
    lines += [f"{result['description'][0].upper()}{result['description'][1:]}. The book: {result['published']}.", ""]
    lines += [f"`{result['command']}` · {result['measured_seconds']:.1f} s", ""]
    if result["failure"]:
        return lines + [f"**Failed**: {result['failure']}", ""]
    lines += figures_table(result) + [""]
    for picture in result["pictures"]:
        name = picture.rsplit("/", 1)[1].removesuffix(".png").replace("_", " ")
        lines.append(f'<img src="{picture}" alt="{name}" width="600">')
    if result["pictures"]:
        lines.append("")
    lines += ["<details><summary>what it prints</summary>", "", "```text", result["output"].rstrip(), "```", "", "</details>", ""]
    return lines


def overview(results):
    lines = ["| experiment | book | main figure | band | verdict | seconds |", "|---|---|---|---|---|---|"]
    for result in results:
        link = f"[{result['name']}](#{anchor(result)})"
        if result["failure"] or not result["figures"]:
            lines.append(f"| {link} | {cell(result['published'])} | – | – | **failed** | {result['measured_seconds']:.1f} |")
            continue
        figure = result["figures"][-1]
        lines.append(
            f"| {link} | {cell(result['published'])} | {cell(figure['quantity'])}: {number(figure['measured'])} | "
            f"{band_of(figure)} | {verdict_of(result).split(':')[0]} | {result['measured_seconds']:.1f} |"
        )
    return lines


def misses(results):
    """What the page must not hide."""
    lines = []
    for result in results:
        for figure in result["figures"]:
            if figure["within"] is False:
                lines.append(
                    f"- [{result['name']}](#{anchor(result)}): {figure['quantity']} is {number(figure['measured'])}, "
                    f"expected {band_of(figure)}"
                )
        if result["failure"]:
            lines.append(f"- [{result['name']}](#{anchor(result)}) failed: {result['failure']}")
    return lines


def text(results):
    judged = [figure for result in results for figure in result["figures"] if figure["within"] is not None]
    seconds = sum(result["measured_seconds"] for result in results)
    machines = sorted({result["machine"] for result in results})
    lines = [
        "# What the book says, and what came out",
        "",
        f"Written by `./dev book` ({'; '.join(machines)}; {seconds / 60:.0f} minutes in all). {len(results)} experiments with "
        f"{len(judged)} figures that have a band to lie in: {sum(f['within'] for f in judged)} do. A band is what single runs "
        "with other seeds may give; what is exact has one number. Every experiment runs alone with the command that stands "
        "with it; `--seed` is part of it, and the same seed gives the same bits.",
        "",
    ]
    missed = misses(results)
    lines += ["## Outside their bands", "", *(missed or ["None."]), ""]
    for chapter in sorted({result["chapter"] for result in results}):
        of_chapter = [result for result in results if result["chapter"] == chapter]
        lines += [f"## {TITLES.get(chapter, chapter)}", "", *overview(of_chapter), ""]
        for result in of_chapter:
            lines += section(result)
    return "\n".join(lines)
