from __future__ import annotations
from datetime import timedelta
from sqlalchemy import select
import threading
from bot.models import *
from bot import jobs, outbox, app, deliveries as d
from bot.errors import *
from sandbox import company
from tests.stories.story import Story, buttons_of, text_of
from tests.stories.test_red_accounts import mark, WHY, _resolve_form

def pend(story):
    with story.services.transaction() as s:
        return [(p.id,p.kind,p.subject_id,str(p.state),p.attempts,p.error) for p in s.scalars(select(Promise).where(Promise.state!="done").order_by(Promise.id))]
def whys(story): return [(c.name,c.error,c.why[:150]) for c in list(story.world.calls) if c.error][-3:]
def sf(story, account, **f):
    story.sandbox.call(story.world.salesforce.update,"Account",company.account_id(story.world,account),f,company.user_id(story.world, company.PRIYA))

def test_big_ack(story):
    form=story.command("priya","/red-account acme").view
    story.set_health("marek","Acme","Red"); story.poll()
    seen=story.submit("priya", form, reason="champion_left", sentence="א"*2900, asks="\n".join(["ב"*400]*7))
    print("BIG", seen.ok, seen.error, whys(story))

def test_options(story):
    def many():
        for n in range(100):
            story.world.salesforce.insert("Account",{"Name":f"株式会社{n:03d}"+"あ"*60,"OwnerId":company.user_id(story.world,company.TOM),"Customer_Engineer__c":company.user_id(story.world,company.PRIYA),"Customer_Health__c":"Green"})
    story.sandbox.call(many); story.poll()
    form=story.command("priya","/red-account").view
    print("OPTIONS", len(story.sandbox.run(story.slack.suggest("U0PRIYA000", form["id"], "account.find", "株"))), whys(story))

def drain(story, n=40):
    for _ in range(n):
        d.deliver_due(story.services); story.world.clock.move(timedelta(seconds=1))

def test_lost_sheet_answer(story):
    story.set_health("priya","Acme","Red"); story.poll()
    def fill(t):
        form=story.click("priya", story.card("Acme is red"), "red_account.fill_in").view
        story.submit("priya", form, sentence=t, reason="champion_left")
    fill("first words"); story.settle(); print(story.row("Acme")["Current state"])
    story.world.faults.switch_on("sheets","drop_after",call="*atchUpdate*",times=1)
    fill("second words"); d.deliver_due(story.services)
    print(pend(story), story.world.faults.on)
    fill("third words"); story.skip(minutes=10)
    print("SHEET", story.row("Acme")["Current state"], "| CARD", "third words" in text_of(story.card("Acme is red")))
    fill("fourth words"); story.skip(minutes=10); print("SHEET", story.row("Acme")["Current state"])

def test_nudge(story):
    mark(story,"tom","acme"); story.settle()
    story.world.faults.switch_on("slack","500",call="views.open",times=1)
    seen=story.click("tom", story.dm("tom"), "red_account.nudge")
    print("NUDGE", seen.ok, text_of(seen.view) if seen.view else None); story.settle(); print(len(story.dms("priya")))

def test_hurry_breaks_retry_after(story):
    now=story.services.now()
    with story.services.transaction() as s:
        outbox.promise(s,"slack.post",999,lane="slack:CA",now=now)
        outbox.promise(s,"slack.post",998,lane="slack:CB",now=now)
    from bot.workflows import systems
    def take():
        with story.services.transaction() as s: return outbox.claim(s, now=now, real_now=story.services.real_now(), owner="x", single=("slack.post",))
    def fin(c, e):
        with story.services.transaction() as s:
            outbox.finish(s,c,e,now=now,jitter=lambda:.5); systems.met(s,"slack",[e] if isinstance(e,Exception) else [],now=now,policy=story.services.policy)
    a=take(); fin(a, Retryable("timed out"))
    b=take(); fin(b, Retryable("asks to wait", retry_after=30, sent=False))
    with story.services.transaction() as s: print([(l.key,(l.next_at-now).total_seconds()) for l in s.scalars(select(Lane).where(Lane.key.in_(["slack:CA","slack:CB"])))])
    with story.services.transaction() as s: systems.met(s,"slack",[Retryable("timed out again")],now=now,policy=story.services.policy)
    with story.services.transaction() as s: systems.met(s,"slack",[],now=now,policy=story.services.policy)
    with story.services.transaction() as s: print("AFTER", [(l.key,(l.next_at-now).total_seconds()) for l in s.scalars(select(Lane).where(Lane.key.in_(["slack:CA","slack:CB"])))])

def test_rolling_held(story):
    # old replica (slack off) still running beside a new one (on)
    import copy
    from bot import policy as P
    off=story.services.policy.model_copy(update={"writes": story.services.policy.writes.model_copy(update={"slack": P.Writes.OFF})})
    old=object.__new__(type(story.services)); old.__dict__.update(story.services.__dict__); old.__dict__["policy"]=off; old.__dict__["name"]="old"
    mark(story,"priya","acme"); d.deliver_due(old); story.settle()
    story.restart(); story.skip(hours=2)
    print("HELD", [p for p in pend(story)], len(story.cards("Acme is red")))

def test_poison(story):
    sf(story,"Globex",Region__c="R"*100) 
    story.set_health("priya","Acme","Red")
    try: story.poll()
    except Exception as e: print("POISON region", type(e).__name__, str(e)[:120])
    sf(story,"Globex",Region__c="EMEA"); 
    try:
        sf(story,"Globex",Usage_Change__c=250000); story.poll()
    except Exception as e: print("POISON usage", type(e).__name__, str(e)[:120])
    print("CARDS", len(story.cards("Acme is red")))

def test_nul_command(story):
    print("NUL", story.command("priya","/red-account ac\x00me").text, story.command("priya","/red-account \ud800x").text)

def test_nul_name(story):
    sf(story,"Acme",Name="Ac\x00me")
    try: story.poll(); print("NULNAME ok")
    except Exception as e: print("NULNAME", type(e).__name__, str(e)[:100])

def test_poll_race(story):
    """a resolve commits between the poll's `_protected` and its `all_under_way` (PostgreSQL)"""
    if story.services.database.is_sqlite: print("RACE sqlite skip"); return
    mark(story,"priya","acme"); story.settle()
    from bot.workflows import polls, resolutions
    real=polls._protected; done=[]
    def late(session, began):
        found=real(session, began)
        if not done:
            done.append(1)
            with story.services.transaction() as s:
                red=s.scalars(select(RedAccount).join(Account).where(Account.name=="Acme")).one()
                p=s.scalars(select(Person).where(Person.slack_id=="U0PRIYA000")).one()
                resolutions.resolve(s, red.id, Outcome.GREEN, "well", by=p, now=story.services.now(), policy=story.services.policy)
        return found
    polls._protected=late
    try: story.poll()
    finally: polls._protected=real
    print("RACE", [text_of(c)[:60] for c in story.cards("Acme")])

def test_deadlock(story):
    if story.services.database.is_sqlite: return
    from bot.workflows import red_accounts, resolutions
    errs=[]
    mark(story,"priya","acme"); story.settle()
    story.submit("tom", _resolve_form(story,"tom"), outcome="green", note="x"); story.settle()
    name=[a for a in ("Globex","Initech")]
    with story.services.transaction() as s:
        acc=s.scalars(select(Account).where(Account.name=="Globex")).one()
        priya=s.scalars(select(Person).where(Person.slack_id=="U0PRIYA000")).one(); acc.ce_id=priya.id
        acc.health="Green"
    mark(story,"tom","globex")
    story.settle()
    with story.services.transaction() as s:
        wish=s.scalars(select(Resolution)).one().id
        prop=s.scalars(select(RedAccount).where(RedAccount.status=="proposed")).one().id
    import time
    real=outbox.promise
    bar=threading.Barrier(2, timeout=5); seen=threading.local()
    def slow(session, kind, sid, *, lane, now):
        real(session, kind, sid, lane=lane, now=now)
        if not getattr(seen,"x",0):
            seen.x=1
            try: bar.wait()
            except Exception: pass
    def run(f,*a,**k):
        try:
            with story.services.transaction() as s:
                p=s.scalars(select(Person).where(Person.slack_id=="U0PRIYA000")).one()
                f(s,*a,by=p,now=story.services.now(),policy=story.services.policy)
        except Exception as e: errs.append((f.__name__, type(e).__name__, str(e)[:80]))
    outbox.promise=slow
    try:
        t=[threading.Thread(target=run,args=(resolutions.agree,wish)),threading.Thread(target=run,args=(red_accounts.confirm,prop))]
        [x.start() for x in t]; [x.join() for x in t]
    finally: outbox.promise=real
    print("DEADLOCK", errs)

def test_two_starts(story, make_database):
    if story.services.database.is_sqlite: return
    from bot.workflows import go_live
    story.stop(); url=str(make_database())
    from bot import db; from bot.db import Database
    errs=[]; bar=threading.Barrier(2)
    def run():
        D=Database(db.create(url))
        try:
            with D.transaction() as s:
                bar.wait(); go_live.prepare(s, now=story.services.now(), policy=story.services.policy)
        except Exception as e: errs.append(type(e).__name__)
    t=[threading.Thread(target=run) for _ in range(2)]; [x.start() for x in t]; [x.join() for x in t]
    print("TWO STARTS", errs)

def test_lock_refreshes_account(story):
    if story.services.database.is_sqlite: return
    from bot.workflows import red_accounts
    mark(story,"priya","acme"); story.settle()
    with story.services.transaction() as s:
        red=s.scalars(select(RedAccount).join(Account).where(Account.name=="Acme")).one(); h=red.account.health
        with story.services.transaction() as s2: s2.scalars(select(Account).where(Account.name=="Acme")).one().health="Yellow"
        red=red_accounts.lock(s, red.id); print("LOCK", h, red.account.health)
