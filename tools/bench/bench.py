#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
bench: run the native benchmarks, one process each, and show what came out.

    bench.py --build build [--full] [NAME...]    run (all, or NAME, or those whose name starts with it)
    bench.py --build build --report              no run: results into docs/bench/ and README.md

Results go to build/bench/results.jsonl, one object a line; a run of single benchmarks replaces their
lines and keeps the others. Exit status 1 when a benchmark found a wrong answer or a lost packet, or
could not run. 2 MiB pages are reserved for the run when the machine lets us, and given back.
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time

import plots

HUGE = "/proc/sys/vm/nr_hugepages"
HUGE_WANTED = 1500
TIME_LIMIT = {"quick": 240, "full": 3000}


def read(path):
    with open(path, encoding="ascii") as f:
        return f.read()


class HugePages:
    """Reserve 2 MiB pages while the benchmarks run; what was there before comes back."""

    def __init__(self):
        self.before = None

    def __enter__(self):
        for end in (signal.SIGTERM, signal.SIGHUP):  # leave by __exit__
            signal.signal(end, lambda number, _: sys.exit(128 + number))
        try:
            before = int(read(HUGE))
            free_mb = int(re.search(r"MemAvailable:\s+(\d+)", read("/proc/meminfo")).group(1)) // 1024
            if before < HUGE_WANTED and free_mb > 3 * HUGE_WANTED:
                self.set(HUGE_WANTED)
                self.before = before
        except OSError:
            print("bench: no right to reserve 2 MiB pages; the kernel's transparent ones, then")
        return self

    def __exit__(self, *_):
        if self.before is not None:
            self.set(self.before)

    @staticmethod
    def set(n):
        with open(HUGE, "w", encoding="ascii") as f:
            f.write(str(n))


def cores():
    """The measured core and the other one: the idler one of the last two, then its neighbour."""

    def busy():
        out = {}
        for line in read("/proc/stat").splitlines():
            if m := re.match(r"cpu(\d+) (.*)", line):
                v = [int(x) for x in m.group(2).split()]
                out[int(m.group(1))] = sum(v) - v[3] - v[4]
        return out

    allowed = sorted(os.sched_getaffinity(0))[-2:]
    if len(allowed) == 1:
        return allowed[0], allowed[0]
    a = busy()
    time.sleep(0.3)
    b = busy()
    best = min(allowed, key=lambda c: b[c] - a[c])
    return best, next(c for c in allowed if c != best)


def lower_is_better(unit):
    return unit.split("/")[0] in ("cycles", "s", "ms", "us", "MiB", "bytes")


def reached(r):
    if not r["target"]:
        return None
    if not r["ratio"]:
        return False
    return r["ratio"] <= r["target"] if lower_is_better(r["unit"]) else r["ratio"] >= r["target"]


def figure(v):
    if v is None:
        return "-"
    return f"{v:.0f}" if v >= 1000 else f"{v:.1f}" if v >= 100 else f"{v:.2f}"


def target_text(r):
    if not r["target"]:
        return ""
    return ("≤ " if lower_is_better(r["unit"]) else "≥ ") + f"{r['target']:g}"


ROW = "{:<24} {:<13} {:>22} {:>22} {:>7} {:>7}  {:<4} {}"


def heading(n, args, core, core2):
    print(
        f"bench: {n} benchmark{'s' * (n != 1)} on core {core} (second core {core2})"
        f"{'' if args.names else ', some 20 minutes' if args.full else ', some 5 minutes'}.\n"
        "PIX and its peer run in turns in one process: medians (min-max) of the rounds. Ratio is PIX : peer. Of a rate\n"
        "more is better, of cycles, seconds and MiB less; `miss` is a target not reached (docs/performance.md says why)."
    )
    print(ROW.format("benchmark", "unit", "PIX (min-max)", "peer (min-max)", "ratio", "target", "", "peer"))


def spread(v, lo, hi):
    return "-" if v is None else f"{figure(v)} ({figure(lo)}-{figure(hi)})"


def show(r):
    ok = {None: "", True: "ok", False: "miss"}[reached(r)]
    print(
        ROW.format(
            r["bench"],
            r["unit"],
            spread(r["pix"], r["pix_min"], r["pix_max"]),
            spread(r["peer_value"], r["peer_min"], r["peer_max"]),
            figure(r["ratio"]),
            target_text(r),
            ok,
            r["peer"],
        ),
        flush=True,
    )


def load(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def chosen(cases, names):
    """The benchmarks that the names on the command line mean; a result's name (ring-mpmc/32) means its benchmark."""
    wanted = set()
    for name in (n.split("/")[0] for n in names):
        same = [c[0] for c in cases if c[0] == name]
        same = same or [c[0] for c in cases if c[0].startswith(name) or c[1] == name]
        if not same:
            text = "\n".join(f"  {c[0]:<18} {c[3]}{' (bench-full)' * (c[2] == 'full')}" for c in cases)
            sys.exit(f"bench: no benchmark is called {name}; there are:\n{text}")
        wanted.update(same)
    return [c[0] for c in cases if c[0] in wanted]


def run_case(program, out, case, args, core, core2):
    """One benchmark; its results and its exit status."""
    cmd = [program, "-c", str(core), "-d", str(core2), "-R", f"{args.build}/routes", "-o", out]
    if args.full:
        cmd.append("-f")
    if args.rounds:
        cmd += ["-r", str(args.rounds)]
    limit = TIME_LIMIT["full" if args.full else "quick"]
    results, tail = [], ""
    log = f"{out}/{case}.log"
    with open(log, "w", encoding="utf-8") as err:
        try:
            p = subprocess.run(cmd + [case], stdout=subprocess.PIPE, stderr=err, timeout=limit, text=True, check=False)
            text, status = p.stdout, p.returncode
        except subprocess.TimeoutExpired as e:
            text, status = (e.stdout or b"").decode(), "time limit"
    for line in text.splitlines():
        if line.startswith("{"):
            results.append(json.loads(line))
    if status != 0:
        results = []
    for r in results:
        show(r)
    if status != 0:
        with open(log, encoding="utf-8") as f:
            tail = " ".join(f.read().splitlines()[-3:])
        print(f"{case}: FAILED ({status}): {tail}", flush=True)
    return results, status


def planted_is_caught(program, args, core):
    """A route that nobody announced is in the table: the check of the answers must end the run."""
    p = subprocess.run(
        [program, "-c", str(core), "-R", f"{args.build}/routes", "fib4-hot"],
        env={**os.environ, "BENCH_PLANT": "1"},
        capture_output=True,
        timeout=TIME_LIMIT["quick"],
        text=True,
        check=False,
    )
    return p.returncode == 1 and "WRONG" in p.stderr


def run(args):
    out = f"{args.build}/bench"
    program = f"{out}/bench"
    listing = subprocess.run([program, "-l"], stdout=subprocess.PIPE, text=True, check=True).stdout
    cases = [line.split("\t") for line in listing.splitlines()]
    if args.names:
        wanted = chosen(cases, args.names)
    else:
        wanted = [c[0] for c in cases if args.full or c[2] == "quick"]
    core, core2 = cores()
    path = f"{out}/results.jsonl"
    kept = load(path) if args.names else []
    kept = [r for r in kept if r["bench"].split("/")[0] not in wanted]
    failed, results = [], []
    heading(len(wanted), args, core, core2)
    start = time.time()
    with HugePages():
        if any(case.startswith("fib4") for case in wanted):
            if planted_is_caught(program, args, core):
                print("planted wrong route: caught by the check of the answers")
            else:
                failed.append("planted-wrong-route")
        for case in wanted:
            got, status = run_case(program, out, case, args, core, core2)
            results += got
            if status != 0:
                failed.append(case)
            with open(path + ".new", "w", encoding="utf-8") as f:
                for r in kept + results:
                    f.write(json.dumps(r, ensure_ascii=False) + "\n")
            os.replace(path + ".new", path)
    plots.draw(out, kept + results)
    verdicts = [reached(r) for r in results]
    print(
        f"bench: {len(results)} results in {time.time() - start:.0f} s; targets reached: "
        f"{verdicts.count(True)} of {len(verdicts) - verdicts.count(None)}; {path}"
    )
    if failed:
        print(f"bench: FAILED: {' '.join(failed)}")
    return 1 if failed else 0


# Not in README's table: bulks besides 32, and what has no peer but itself.
SHORT_SKIPS = re.compile(r"ring-.*/(1|8|64)(-2core)?$|memcpy|huge-pages|tx-bulk|nic-.*-tx/(1|256)|false-sharing|pipeline")
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def markdown(results):
    lines = ["| benchmark | PIX | peer | ratio | target | reached |", "| --- | --- | --- | --- | --- | --- |"]
    for r in results:
        ok = {None: "", True: "yes", False: "no"}[reached(r)]
        peer = f"{figure(r['peer_value'])} ({r['peer']})" if r["peer_value"] is not None else ""
        lines.append(
            f"| `{r['bench']}` | {figure(r['pix'])} {r['unit']} | {peer} | {figure(r['ratio'])} | "
            f"{target_text(r)} | {ok} |"
        )
    return lines


def machine(results):
    return f"{results[0]['cpu']}, {os.cpu_count()} cores, Linux {os.uname().release}, {time.strftime('%Y-%m-%d')}"


def full_page(results, pictures):
    lines = ["# Native benchmarks: one run of `make bench`", "", f"Machine: {machine(results)}.", ""]
    lines += [f"![{name}]({name})" for name in pictures] + [""] + markdown(results) + ["", "Notes:", ""]
    lines += [f"- `{r['bench']}` ({r['rounds']} rounds): {r['note']}" for r in results if r["note"]]
    return "\n".join(lines) + "\n"


def report(args):
    """Pictures and all results into docs/bench/, the short table into README.md and on the terminal."""
    out = f"{args.build}/bench"
    results = load(f"{out}/results.jsonl")
    if not results:
        sys.exit("bench: no results; run make bench first")
    pictures = plots.draw(out, results)
    os.makedirs("docs/bench", exist_ok=True)
    for name in pictures:
        with open(f"{out}/{name}", encoding="utf-8") as src, open(f"docs/bench/{name}", "w", encoding="utf-8") as dst:
            dst.write(src.read())
    with open("docs/bench/README.md", "w", encoding="utf-8") as f:
        f.write(full_page(results, pictures))
    short = [f"{machine(results)}:", ""]
    short += markdown([r for r in results if not SHORT_SKIPS.match(r["bench"])])
    print("\n".join(short))
    with open("README.md", encoding="utf-8") as f:
        text = f.read()
    if BEGIN in text and END in text:
        head, tail = text.split(BEGIN)[0], text.split(END)[1]
        with open("README.md", "w", encoding="utf-8") as f:
            f.write("\n".join([head + BEGIN] + short + [END + tail]))
    return 0


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", default="build")
    ap.add_argument("--full", action="store_true")
    ap.add_argument("--report", action="store_true")
    ap.add_argument("--rounds", type=int, default=0)
    ap.add_argument("names", nargs="*")
    args = ap.parse_args()
    sys.exit(report(args) if args.report else run(args))


main()
