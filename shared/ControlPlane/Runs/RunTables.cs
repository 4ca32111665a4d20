using AiOs.DataPlane;

namespace AiOs.ControlPlane.Runs;

/// <summary>The tables of runs, their timeline and their conversations. <c>ready_at</c> is null while a run waits for its turn in the conversation;
/// <c>conversations.principal_id</c> is who began the conversation, null (anybody) where it is older than that column.</summary>
static class RunTables
{
    public static MigrationSet Migrations { get; } = new("runs", new Migration(1, """
        CREATE TABLE runs (
          position {identity}, run_id TEXT NOT NULL UNIQUE, app TEXT NOT NULL, version TEXT NOT NULL, plan_digest TEXT NOT NULL,
          message_ref TEXT NOT NULL, request_digest TEXT NOT NULL, conversation_id TEXT NOT NULL, principal_id TEXT NOT NULL, roles TEXT NOT NULL,
          channel TEXT NOT NULL, trace_parent TEXT, status TEXT NOT NULL, waiting_for TEXT, outcome TEXT,
          created_at BIGINT NOT NULL, ready_at BIGINT, started_at BIGINT, ended_at BIGINT);
        CREATE INDEX runs_by_app ON runs (app, position);
        CREATE INDEX runs_by_status ON runs (status, position);
        CREATE INDEX runs_queued ON runs (app, conversation_id, position) WHERE ready_at IS NULL AND ended_at IS NULL;
        CREATE INDEX runs_not_started ON runs (ready_at) WHERE started_at IS NULL AND ended_at IS NULL;
        CREATE TABLE run_events (
          run_id TEXT NOT NULL, sequence BIGINT NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL,
          started_at BIGINT NOT NULL, ended_at BIGINT, facts TEXT,
          PRIMARY KEY (run_id, step, attempt));
        CREATE UNIQUE INDEX run_events_in_order ON run_events (run_id, sequence);
        CREATE TABLE conversations (
          app TEXT NOT NULL, conversation_id TEXT NOT NULL, turn BIGINT NOT NULL, fields TEXT NOT NULL, intent TEXT, open_question TEXT,
          version TEXT, plan_digest TEXT, active_run TEXT, last_active_at BIGINT NOT NULL,
          PRIMARY KEY (app, conversation_id))
        """), new Migration(2, """
        ALTER TABLE conversations ADD COLUMN principal_id TEXT;
        CREATE INDEX runs_by_principal ON runs (principal_id, position)
        """), new Migration(3, "CREATE INDEX runs_under_way_by_conversation ON runs (app, conversation_id, position) WHERE ended_at IS NULL"));
}
