from __future__ import annotations
import pytest
from datetime import timedelta
from sqlalchemy import select
from bot.models import *
from sandbox import company
from sandbox.sheets.person import AtTheGrid
from tests.stories.story import Story, buttons_of, text_of
from tests.stories.test_red_accounts import mark, WHY, _resolve_form

def pend(story):
    with story.services.transaction() as s:
        return [(p.id,p.kind,p.subject_id,str(p.state),p.attempts,p.error) for p in s.scalars(select(Promise).where(Promise.state!="done").order_by(Promise.id))]

def never(story, most=40):
    try: story.settle(most=most); return False
    except AssertionError: return True

def test_dry(story):
    story.restart(writes={"slack":"dry","salesforce":"on","sheets":"on"})
    mark(story,"priya","acme")
    print("NEVER SETTLES", never(story)); print(pend(story))

def test_gone(story):
    story.set_health("priya","Acme","Red"); story.poll()
    card=story.card("Acme is red")
    story.sandbox.call(lambda: story.slack.channels[card["channel"]].messages.clear())
    story.world.faults  # event lost
    story.set_health("tom","Acme","Yellow")
    try: story.poll()
    except AssertionError: print("NEVER SETTLES")
    print(pend(story), len(story.cards("Acme")))

def test_card_fails_for_good_blocks_the_channel(story):
    from bot.messages import red_accounts as m
    real=m.card
    def broken(view):
        if view.facts.account.name=="Acme": raise KeyError("x")
        return real(view)
    m.card=broken
    try:
        story.set_health("priya","Acme","Red")
        try: story.poll()
        except AssertionError: print("NEVER SETTLES")
        story.set_health("priya","Globex","Red")
        try: story.poll()
        except AssertionError: print("NEVER SETTLES 2")
        print(pend(story)); print("GLOBEX CARDS", len(story.cards("Globex is red")))
    finally: m.card=real

def test_go_live_clock(story):
    story.stop()
    # a new database
    import sqlite3
    story.restart(writes={"slack":"off","salesforce":"off","sheets":"off"})
    story.set_health("priya","Acme","Red"); story.poll()
    story.skip(days=14)
    story.restart(writes={"slack":"on","salesforce":"on","sheets":"on"})
    story.settle()
    for m in story.cards(): print(text_of(m)[:600])
    with story.services.transaction() as s:
        for r in s.scalars(select(RedAccount)): print(r.account.name, r.source, r.has_card, r.fill_in_by_at, story.services.now())

def test_push_inert(story):
    mark(story,"priya","acme"); story.settle()
    story.submit("priya", _resolve_form(story,"priya"), outcome="green", note="<!channel> <@U0TOM00000> done")
    story.settle()
    print("PUSH", repr(story.cards("Acme")[0]["text"]))

def test_account_name_push(story):
    story.sandbox.call(story.world.salesforce.update,"Account",company.account_id(story.world,"Acme"),{"Name":"<!channel> Acme & Co"},company.user_id(story.world, company.PRIYA))
    story.set_health("priya","Acme","Red") if False else None
    story.sandbox.call(story.world.salesforce.update,"Account",company.account_id(story.world,"<!channel> Acme & Co"),{"Customer_Health__c":"Red"},company.user_id(story.world, company.PRIYA))
    story.poll()
    m=story.cards("Acme")[-1]; print("PUSH", repr(m["text"])); print("OPENING", repr(story.thread(m)[0]["text"]))

def test_key_cross_check(story):
    story.set_health("priya","Acme","Red"); story.poll()
    story.set_health("priya","Globex","Red"); story.poll()
    grid=AtTheGrid(story.world.sheets, tab=company.TAB).grid()
    col=grid["header"].index("Key")
    cells={row[grid["header"].index("Account")]["v"]:(n,row[col]["v"]) for n,row in enumerate(grid["rows"])}
    print(cells)
    at=AtTheGrid(story.world.sheets,"priya" if False else company.PRIYA.slack_id, tab=company.TAB)
    a,g=cells["Acme"],cells["Globex"]
    def swap():
        at.type(a[0]+1,col,g[1]); at.type(g[0]+1,col,a[1])
    story.sandbox.call(swap)
    print([ (r["Account"],r["Key"],r["Account ID"]) for r in story.rows()])
    story.set_health("tom","Acme","Yellow"); story.poll()
    print([ (r["Account"],r["Key"],r["Account ID"]) for r in story.rows()])

def test_adoption(story):
    print([{k:r.get(k) for k in ("Account","Status","CE","AE","ARR","Renewal","Red since","Needs","Action plan","Key")} for r in story.rows()])

def test_still_red_conflict_closes(story):
    story.set_health("priya","Acme","Red"); story.poll()
    story.set_health("tom","Acme","Yellow"); story.poll()
    card=story.card("Acme")
    story.set_health("tom","Acme","Green")
    story.click("priya", card, "red_account.still_red"); story.settle()
    print(text_of(story.cards("Acme")[-1])); story.poll(); print(story.health("Acme"))

def test_proposal_then_sf(story):
    mark(story,"tom","acme"); story.settle()
    story.set_health("priya","Acme","Red"); story.poll()
    print(text_of(story.card("Acme is red"))); print(text_of(story.thread(story.card("Acme is red"))[0]))
    print(text_of(story.dm("tom")))

def test_deleted_in_sf(story):
    mark(story,"priya","acme"); story.settle()
    form=_resolve_form(story,"priya")
    story.sandbox.call(story.world.salesforce.delete,"Account",company.account_id(story.world,"Acme"))
    story.poll(); print(text_of(story.card("Acme is red"))[:200])
    story.submit("priya", form, outcome="green", note="They left."); story.settle()
    print(text_of(story.cards("Acme")[-1])[:300])

def test_big_ack(story):
    form=story.command("priya","/red-account acme").view
    story.set_health("marek","Acme","Red"); story.poll()
    seen=story.submit("priya", form, reason="champion_left", sentence="א"*2900, asks="\n".join(["ב"*400]*7))
    print("BIG", seen.ok, seen.error, seen.text, bool(seen.view))

def test_options(story):
    def many():
        for n in range(100):
            story.world.salesforce.insert("Account",{"Name":f"株式会社{n:03d}"+"あ"*60,"OwnerId":company.user_id(story.world,company.TOM),"Customer_Engineer__c":company.user_id(story.world,company.PRIYA),"Customer_Health__c":"Green"})
    story.sandbox.call(many); story.poll()
    form=story.command("priya","/red-account").view
    try:
        print("OPTIONS", len(story.sandbox.run(story.slack.suggest("U0PRIYA000", form["id"], "account.find", "株"))))
    except Exception as e: print("OPTIONS FAIL", repr(e)[:300])

def test_members_429(story, make_database):
    story.stop()
    story.database_url=str(make_database())
    story.world.faults.switch_on("slack","429",call="users.list",times=1)
    story.go_live(); story.world.faults.switch_off()
    story.skip(hours=3)
    print("AFTER 429", story.command("priya","/red-account acme").text)

def test_lost_sheet_answer(story):
    story.world.faults.switch_on("sheets","drop_after",call="*atchUpdate*",times=1)
    print([c for c in list(story.world.calls)[-5:]])
    story.set_health("priya","Acme","Red")
    import bot.deliveries as d
    from bot import jobs
    jobs.run(next(j for j in jobs.JOBS if j.name=="poll Salesforce"), story.services)
    for _ in range(6): d.deliver_one(story.services)
    print(pend(story), story.world.faults.on)
    form=story.click("priya", story.card("Acme is red"), "red_account.fill_in").view
    story.submit("priya", form, sentence="first words", reason="champion_left"); 
    story.settle(); print(story.row("Acme")["Current state"])
    story.world.faults.switch_off()
    story.world.faults.switch_on("sheets","drop_after",call="*atchUpdate*",times=1)
    form=story.click("priya", story.card("Acme is red"), "red_account.fill_in").view
    story.submit("priya", form, sentence="second words")
    for _ in range(6): d.deliver_one(story.services)
    print(pend(story), story.world.faults.on)
    form=story.click("priya", story.card("Acme is red"), "red_account.fill_in").view
    story.submit("priya", form, sentence="third words")
    story.skip(minutes=10); print("SHEET", story.row("Acme")["Current state"], "| CARD", "third words" in text_of(story.card("Acme is red")))

def test_nudge_stale(story):
    mark(story,"tom","acme"); story.settle()
    story.world.faults.switch_on("slack","500",call="views.open",times=1)
    seen=story.click("tom", story.dm("tom"), "red_account.nudge")
    story.settle()
    print("NUDGE", seen.ok, seen.text, [text_of(m)[:120] for m in story.dms("tom")], len(story.dms("priya")))

def test_sheet_paused(story):
    story.sandbox.call(lambda: story.world.sheets.share(company.SHEET_ID, None))
    mark(story,"priya","acme"); story.settle()
    story.sandbox.call(lambda: story.world.sheets.share(company.SHEET_ID, "writer"))
    story.skip(hours=5); print("ROWS after mended", len(story.rows("Acme"))); print([text_of(m)[:200] for m in story.dms("lena")])

def test_two_posts_of_summary(story):
    pass
