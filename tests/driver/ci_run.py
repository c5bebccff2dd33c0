# SPDX-License-Identifier: MIT
"""Runs a CI service's description as the service would, as far as docs/ci/*.yml need it.

ci_run.py github|gitlab FILE PROJECT WORKSPACE: checks PROJECT out into WORKSPACE, runs the
commands there as they are written, and asks for the artifacts. `apt-get` is whatever PATH
finds. What is written in a way that is not known here is an error, never left out.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml


def fail(text):
    sys.exit(f"ci_run: {text}")


def known(mapping, keys, where):
    """So that no key is silently without effect."""
    for key in mapping:
        if key not in keys:
            fail(f"{where}: {key}: not known to this test")


def execute(script, shell, folder, env, title):
    print(f"== {title}\n{script.rstrip()}", flush=True)
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(script)
        file.flush()
        status = subprocess.run(shell + [file.name], cwd=folder, env=env,
                                stdin=subprocess.DEVNULL).returncode
    if status:
        fail(f"{title}: status {status}")


def artifacts(paths, workspace):
    for path in paths:
        if not os.path.getsize(os.path.join(workspace, path)):
            fail(f"artifact {path}: empty")
        print(f"== artifact {path}", flush=True)


def expand(text):
    """${{ vars.NAME }}: a variable of the repository, here of the environment."""
    value = re.sub(r"\$\{\{ *vars\.(\w+) *\}\}", lambda m: os.environ[m[1]], str(text))
    if "${{" in value:
        fail(f"{text}: not known to this test")
    return value


def github(description, project, workspace):
    # YAML takes the bare word "on" for a truth value.
    known(description, {"name", True, "jobs"}, "top")
    (job,) = description["jobs"].values()
    known(job, {"runs-on", "container", "env", "steps"}, "job")
    env = dict(os.environ)
    for name in job["env"]:
        env.pop(name, None)
    env |= {name: expand(value) for name, value in job["env"].items()}
    env["GITHUB_PATH"] = os.path.join(os.path.dirname(workspace), "github-path")
    open(env["GITHUB_PATH"], "w").close()
    os.mkdir(workspace)
    for step in job["steps"]:
        known(step, {"name", "run", "uses", "with"}, "step")
        if "run" in step:
            with open(env["GITHUB_PATH"]) as file:
                added = file.read().split("\n")[:-1]
            path = ":".join(added[::-1] + [os.environ["PATH"]])
            execute(step["run"], ["sh", "-e"], workspace, env | {"PATH": path}, step["name"])
        elif step["uses"].startswith("actions/checkout@"):
            shutil.copytree(project, workspace, dirs_exist_ok=True)
        elif step["uses"].startswith("actions/upload-artifact@"):
            artifacts(step["with"]["path"].split(), workspace)
        else:
            fail(f"{step['uses']}: not known to this test")


def gitlab(description, project, workspace):
    known(description, {"image", "guest"}, "top")
    job = description["guest"]
    known(job, {"before_script", "script", "artifacts"}, "job")
    shutil.copytree(project, workspace)
    # One shell for all; each entry is a line of its own.
    lines = job["before_script"] + job["script"]
    execute("\n".join(lines), ["bash", "-eo", "pipefail"], workspace, dict(os.environ), "guest")
    artifacts(job["artifacts"]["paths"], workspace)


def main(service, file, project, workspace):
    with open(file) as text:
        description = yaml.safe_load(text)
    {"github": github, "gitlab": gitlab}[service](description, project, workspace)


main(*sys.argv[1:])
