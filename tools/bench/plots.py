# SPDX-License-Identifier: MIT
"""
plots: SVG pictures of the results with gnuplot: one bar chart of all ratios, and a curve for each
experiment that has points (build/bench/NAME.dat).
"""
import os
import subprocess

STYLE = """
set terminal svg size {w},{h} font "sans-serif,12" background "white"
set output "{out}"
set grid y lc rgb "#dddddd"
set border 3
set tics nomirror
set key top left
"""


def gnuplot(script):
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def lower_is_better(unit):
    return unit.split("/")[0] in ("cycles", "s", "ms", "us", "MiB", "bytes")


def ratios(out, results):
    """How many times better than the peer each result is, with its target; on a log scale."""
    rows = []
    for r in results:
        if not r["ratio"]:
            continue
        low = lower_is_better(r["unit"])
        better = 1 / r["ratio"] if low else r["ratio"]
        target = (1 / r["target"] if low else r["target"]) if r["target"] else None
        rows.append((r["bench"], better, target))
    if not rows:
        return None
    with open(f"{out}/ratios.dat", "w", encoding="ascii") as f:
        for i, (name, better, target) in enumerate(rows):
            f.write(f'{i} "{name}" {better:.4g} {target if target else "NaN"}\n')
    gnuplot(
        STYLE.format(w=1100, h=520, out=f"{out}/ratios.svg")
        + f"""
set title "PIX against its peer: times better (above 1), measured in one run"
set logscale y 2
set style fill solid 0.85 noborder
set boxwidth 0.7
set xtics rotate by -60
set xrange [-1:{len(rows)}]
set rmargin 8
plot "{out}/ratios.dat" using 1:3:xtic(2) with boxes lc rgb "#2f6f9f" title "PIX : peer", \
     "" using 1:4 with points pt 9 ps 1 lc rgb "#c03030" title "target", 1 lc rgb "#444444" notitle
"""
    )
    return "ratios.svg"


TX = "set logscale x 2\nset key outside below"
CURVES = {
    "tx-bulk": ("Tx bulk size: one doorbell of 72.47 ns a bulk, null port", "bulk", "Mpps", "set logscale x 2"),
    "nic-ixgbe": ("82599: rx and tx, on models", "burst", "cycles a packet", "set logscale x 2\nset key top right"),
    "nic-i40e": ("XL710: rx and tx, on models", "burst", "cycles a packet", "set logscale x 2\nset key top right"),
    "nic-ixgbe-tx": ("82599: Tx on one core, 72.47 ns a register write, 392.1 ns a read", "bulk", "Mpps", TX),
    "nic-i40e-tx": ("XL710: Tx on one core, 72.47 ns a register write, 392.1 ns a read", "bulk", "Mpps", TX),
    "memcpy": ("Copying a frame by size", "bytes", "cycles", "set logscale x 2"),
}


def curve(out, name):
    title, x, y, extra = CURVES[name]
    path = f"{out}/{name}.dat"
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        names = f.readline().lstrip("# ").split("\t")
    lines = ", ".join(
        f'"{path}" using 1:{i + 2} with linespoints lw 2 title "{n.strip()}"' for i, n in enumerate(names[1:])
    )
    gnuplot(
        STYLE.format(w=760, h=420, out=f"{out}/{name}.svg")
        + f'set title "{title}"\nset xlabel "{x}"\nset ylabel "{y}"\nset yrange [0:*]\n{extra}\nplot {lines}\n'
    )
    return f"{name}.svg"


def bars(out, name, title, y):
    path = f"{out}/{name}.dat"
    if not os.path.exists(path):
        return None
    gnuplot(
        STYLE.format(w=520, h=380, out=f"{out}/{name}.svg")
        + f"""
set title "{title}"
set ylabel "{y}"
set yrange [0:*]
set style fill solid 0.85 noborder
set boxwidth 0.5
set style data boxes
plot "{path}" using 0:2:xtic(1) lc rgb "#2f6f9f" notitle
"""
    )
    return f"{name}.svg"


def draw(out, results):
    """All pictures that there is data for; their file names."""
    made = [ratios(out, results)]
    made += [curve(out, name) for name in CURVES]
    made.append(bars(out, "false-sharing", "Ring indices of two cores", "million objects a second"))
    made.append(bars(out, "pipeline", "Run to completion against a pipeline", "Mpps"))
    return [m for m in made if m]
