"""Celery behind Flask: one queue, answers when the result backend tells of a task's end."""

from celery import group
from celery.result import AsyncResult
from flask import Flask, request

from tasks import app as queue
from tasks import compute

app = Flask(__name__)
batches = {}
wait = 60


@app.post("/jobs")
def submit():
    task = compute.delay(**request.get_json())
    return {"id": task.id, "state": "completed", "result": task.get(timeout=wait)}


@app.get("/jobs/<task>")
def job(task):
    known = AsyncResult(task, app=queue)
    state = known.state  # which keeps the result with it
    return {"id": task, "state": "completed" if state == "SUCCESS" else state, "result": known.result}


@app.post("/batches")
def submit_batch():
    tasks = group(compute.s(**one) for one in request.get_json()).apply_async()
    batches["last"] = (tasks.results, 0)
    return {"total": len(tasks.results)}, 202


@app.get("/batches")
def batch():
    """Counts on from where it got to: the results come about in order."""
    results, done = batches.get("last", ([], 0))
    while done < len(results) and results[done].ready():
        done += 1
    batches["last"] = (results, done)
    return {"completed": done}
