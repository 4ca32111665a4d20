using AiOs.DataPlane;

namespace AiOs.Policies.Approvals;

static class ApprovalTables
{
    public static readonly MigrationSet Migrations = new("approvals", new Migration(1, """
        CREATE TABLE approvals (
            id TEXT NOT NULL PRIMARY KEY,
            run_id TEXT NOT NULL,
            step TEXT NOT NULL,
            iteration BIGINT NOT NULL,
            app TEXT NOT NULL,
            role TEXT NOT NULL,
            status TEXT NOT NULL,
            summary TEXT NOT NULL,
            proposal TEXT,
            action_digest TEXT NOT NULL,
            policy_version TEXT NOT NULL,
            requested_by TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            deadline BIGINT NOT NULL,
            on_timeout TEXT NOT NULL,
            answered_by TEXT,
            comment TEXT,
            answered_at BIGINT,
            consumed INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX approvals_by_run ON approvals (run_id);
        CREATE INDEX approvals_by_status ON approvals (status, deadline, id);
        CREATE INDEX approvals_settled ON approvals (consumed, answered_at);
        """));
}
