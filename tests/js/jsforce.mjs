// A foreign client, unmodified, against the Salesforce stand-in. Ends with 0 when all of it holds.
import assert from "node:assert/strict";
import jsforce from "jsforce";

const base = process.env.SANDBOX_URL ?? process.argv[2];

const answer = await fetch(`${base}/services/oauth2/token`, {
  method: "POST",
  headers: { Authorization: `Basic ${Buffer.from("sandbox-key:sandbox-secret").toString("base64")}` },
  body: new URLSearchParams({ grant_type: "client_credentials" }),
});
const { access_token: accessToken } = await answer.json();
const connection = new jsforce.Connection({ instanceUrl: base, accessToken, version: "62.0" });

const created = await connection.sobject("Account").create({ Name: "O'Neil & Daughters", Customer_Health__c: "Green" });
assert.equal(created.success, true);
assert.match(created.id, /^001\w{15}$/);

const row = await connection.sobject("Account").retrieve(created.id);
assert.equal(row.Name, "O'Neil & Daughters");
assert.equal(row.attributes.type, "Account");

const updated = await connection.sobject("Account").update({ Id: created.id, Customer_Health__c: "Red" });
assert.equal(updated.success, true);

const red = await connection
  .sobject("Account")
  .find({ Customer_Health__c: "Red", Name: { $like: "O'Neil%" } }, "Id, Name, Owner.Name, CreatedDate")
  .sort({ CreatedDate: -1 })
  .limit(1);
assert.equal(red[0].Id, created.id);
assert.equal(red[0].Owner.Name, "Touchpoint Integration");

const history = await connection.query(
  `SELECT Id, (SELECT Field, OldValue, NewValue FROM Histories WHERE Field = 'Customer_Health__c') FROM Account WHERE Id = '${created.id}'`,
);
assert.deepEqual(
  history.records[0].Histories.records.map((edit) => [edit.OldValue, edit.NewValue]),
  [["Green", "Red"]],
);

const many = await connection.sobject("Account").create(Array.from({ length: 3 }, (_, number) => ({ Name: `Twin ${number}` })));
assert.equal(many.filter((one) => one.success).length, 3);
const gone = await connection.sobject("Account").destroy(many.map((one) => one.id));
assert.equal(gone.filter((one) => one.success).length, 3);
assert.equal((await connection.query("SELECT COUNT() FROM Account WHERE Name LIKE 'Twin _'")).totalSize, 0);
assert.equal((await connection.query("SELECT Id FROM Account WHERE Name LIKE 'Twin _'", { scanAll: true })).totalSize, 3);

const fields = (await connection.sobject("Account").describe()).fields;
assert.equal(fields.find((field) => field.name === "Customer_Health__c").restrictedPicklist, true);
assert.ok((await connection.describeGlobal()).sobjects.some((one) => one.name === "AccountHistory"));

await assert.rejects(connection.query("SELECT Nope FROM Account"), { errorCode: "INVALID_FIELD" });
await assert.rejects(connection.sobject("Account").update({ Id: created.id, Customer_Health__c: "Blue" }), {
  errorCode: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
});
await assert.rejects(connection.sobject("Account").retrieve("001000000000000AAA"), { errorCode: "NOT_FOUND" });
assert.ok(connection.limitInfo.apiUsage.used > 0);

await connection.sobject("Account").destroy(created.id);
console.log("jsforce: all well");
