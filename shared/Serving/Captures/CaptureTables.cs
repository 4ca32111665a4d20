using AiOs.DataPlane;

namespace AiOs.Serving.Captures;

/// <summary>Times of calls are in microseconds, costs in billionths. <c>bytes</c> is the size of input and output.</summary>
static class CaptureTables
{
    public static MigrationSet Migrations { get; } = new("captures", new Migration(1, """
        CREATE TABLE captures (
          position {identity}, call_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, began_at BIGINT NOT NULL, app TEXT NOT NULL, principal TEXT NOT NULL, model TEXT NOT NULL,
          deployment TEXT, model_version TEXT, run_id TEXT, step TEXT, took BIGINT NOT NULL, queued BIGINT, first_piece BIGINT, attempts INTEGER NOT NULL,
          input_tokens BIGINT NOT NULL, cached_input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL, estimated INTEGER NOT NULL, cost BIGINT,
          ended TEXT NOT NULL, fallbacks TEXT, failure TEXT, shadow INTEGER NOT NULL, sensitive INTEGER NOT NULL, cut INTEGER NOT NULL,
          input TEXT, output TEXT, bytes BIGINT NOT NULL);
        CREATE INDEX captures_by_run ON captures (run_id, position) WHERE run_id IS NOT NULL;
        CREATE INDEX captures_by_model ON captures (model, position);
        CREATE INDEX captures_by_size ON captures (position, bytes, began_at)
        """), new Migration(2, "UPDATE captures SET ended = 'Cached' WHERE ended = 'CachedExactly'"));
}
