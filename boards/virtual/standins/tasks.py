"""asyncio's task queue in Python: as `_asyncio`, but on the virtual clock, which wraps as on ESP32.

Tasks due at the same tick run in the order in which they were pushed.
"""

from time import ticks_diff, ticks_ms


class TaskQueue:
    """Tasks in the order of their `ph_key`, the tick at which each is due."""

    def __init__(self):
        self.tasks = []

    def peek(self):
        return self.tasks[0] if self.tasks else None

    def push(self, task, when=None):
        tasks = self.tasks
        task.data = None
        task.ph_key = ticks_ms() if when is None else when
        i = len(tasks)
        while i and ticks_diff(tasks[i - 1].ph_key, task.ph_key) > 0:
            i -= 1
        tasks.insert(i, task)

    def pop(self):
        return self.tasks.pop(0)

    def remove(self, task):
        self.tasks.remove(task)


class Task:
    """One coroutine. `state`: True running, a TaskQueue of waiters, None ended unseen, False ended and seen."""

    def __init__(self, coro, globals=None):
        self.coro = coro
        self.data = None  # what it waits on, or once ended its result as an exception
        self.state = True
        self.ph_key = 0
        self.core = globals

    def __iter__(self):
        if not self.state:
            self.state = False
        elif self.state is True:
            self.state = TaskQueue()
        elif not isinstance(self.state, TaskQueue):
            raise RuntimeError("can't wait")
        return self

    def __next__(self):
        if not self.state:
            raise self.data
        waiter = self.core["cur_task"]
        self.state.push(waiter)
        waiter.data = self

    def done(self):
        return not self.state

    def cancel(self):
        """Throw CancelledError into the task, or into the one that it waits for."""
        if not self.state:
            return False
        if self is self.core["cur_task"]:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        ready = task.core["_task_queue"]
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            ready.push(task)
        elif ticks_diff(task.ph_key, ticks_ms()) > 0:
            ready.remove(task)
            ready.push(task)
        task.data = task.core["CancelledError"]
        return True
