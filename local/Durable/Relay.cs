namespace AiOs.Local.Durable;

/// <summary>
/// Hands the next piece of work to the thread that has just made it possible, instead of waking another one for it. Only a thread that
/// works for the engine has one, and takes a piece only while <see cref="Open"/>: when what it runs is over as far as others' code goes.
/// </summary>
sealed class Relay
{
    [ThreadStatic]
    static Relay? mine;

    IThreadPoolWorkItem? next;
    bool open;
    bool closed;

    /// <summary>Whether a piece waits for this thread to be done with what it does.</summary>
    public static bool IsTaken => mine?.next is not null;

    /// <summary>Does a piece of work on this thread of the pool, then what that handed over, and so on.</summary>
    public static void Run(Action work)
    {
        var relay = new Relay();
        mine = relay;
        try
        {
            work();
            while (relay.next is { } piece)
            {
                relay.next = null;
                piece.Execute();
            }
        }
        finally
        {
            mine = null;
        }
    }

    /// <summary>From here to the end of the scope the thread does nothing but the engine's own, and briefly: it may take a piece.</summary>
    public static Scope Open() => new(mine, opens: true);

    /// <summary>In the scope the thread takes no piece, whoever opens it there: what it does for somebody else, who may wait for the piece, comes first.</summary>
    public static Scope Close() => new(mine, opens: false);

    /// <summary>Takes the place for a piece that <see cref="HandOver"/> then fills; false when this thread takes none.</summary>
    public static bool CanTake => mine is { open: true, next: null };

    /// <summary>To be done by this thread next.</summary>
    public static void HandOver(IThreadPoolWorkItem piece) => mine!.next = piece;

    public readonly ref struct Scope
    {
        readonly Relay? relay;
        readonly (bool Open, bool Closed) before;

        public Scope(Relay? relay, bool opens)
        {
            this.relay = relay;
            if (relay is null)
                return;
            before = (relay.open, relay.closed);
            relay.closed |= !opens;
            relay.open = opens && !relay.closed;
        }

        public void Dispose()
        {
            if (relay is not null)
                (relay.open, relay.closed) = before;
        }
    }
}
