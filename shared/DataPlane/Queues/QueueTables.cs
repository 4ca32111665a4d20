namespace AiOs.DataPlane.Queues;

static class QueueTables
{
    public static readonly MigrationSet Migrations = new("queues", new Migration(1, """
        CREATE TABLE queue_messages (
            number {identity},
            queue TEXT NOT NULL,
            id TEXT NOT NULL UNIQUE,
            body TEXT NOT NULL,
            pop_receipt TEXT NOT NULL,
            dequeue_count BIGINT NOT NULL,
            inserted_at BIGINT NOT NULL,
            visible_at BIGINT NOT NULL);
        CREATE INDEX queue_messages_by_visibility ON queue_messages (queue, visible_at, number);
        """));
}
