"""One mount of the cluster and its daemon, for walk.py."""
import os
import subprocess


class Difference(Exception):
    """The mount and the model differ."""


class Mount:
    def __init__(self, at, cluster, daemon, wait):
        self.at, self.cluster, self.daemon, self.wait = at, cluster, daemon, wait
        self.process = None

    def path(self, name):
        return f"{self.at}/{name}"

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def start(self, options):
        os.makedirs(self.at, exist_ok=True)
        self.process = subprocess.Popen([self.daemon, "-f", "-o", options, self.cluster, self.at])
        self.wait("the mount is there", lambda: os.path.ismount(self.at))

    def idle(self):
        status = self.text("status")
        return "\njobs_running: 0\n" in status and "\njobs_queued: 0\n" in status

    def detach(self):
        """Out of the tree; who has files of it open goes on with the daemon that is returned."""
        subprocess.run(["umount", "-l", self.at], check=False)
        process, self.process = self.process, None
        return process

    def stop(self):
        if self.process:
            ends_well(self.detach())

    def kill(self):
        self.process.kill()
        self.detach().wait()


def ends_well(process):
    try:
        if process.wait(30) != 0:
            raise Difference(f"the daemon ended with {process.returncode}")
    except subprocess.TimeoutExpired:
        process.kill()
        raise Difference("the daemon does not end") from None
