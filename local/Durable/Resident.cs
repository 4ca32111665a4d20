namespace AiOs.Local.Durable;

/// <summary>
/// An instance or entity in memory: mail comes in from anywhere, one turn at a time works it off, and the next turn waits until the
/// rows of the last one are on disk.
/// </summary>
abstract class Resident<TMessage> : IWork
{
    readonly Lock gate = new();
    List<Mail<TMessage>> mailbox = [];
    Residents<TMessage>? home;
    State state;
    bool fresh;
    long readThrough;

    protected Resident(long key)
    {
        Key = key;
        Place = new(this);
    }

    enum State
    {
        Idle,
        Queued,
        Busy,
        Gone,
    }

    public long Key { get; }

    /// <summary>Its place among the idle.</summary>
    public LinkedListNode<Resident<TMessage>> Place { get; }

    /// <summary>Takes mail; false when this one has gone and another must be made.</summary>
    public bool Receive(Mail<TMessage> mail, Residents<TMessage> residents)
    {
        lock (gate)
        {
            if (state == State.Gone)
                return false;
            return WasRead(mail) || Keep(mail, residents);
        }
    }

    bool Keep(Mail<TMessage> mail, Residents<TMessage> residents)
    {
        mailbox.Add(mail);
        return Queue(residents);
    }

    // What was in the inbox when it was read is here already, whoever brings it again.
    bool WasRead(Mail<TMessage> mail) => mail is { Number: > 0, Timed: false } && mail.Number <= readThrough;

    /// <summary>Makes ready for a first turn with that mail. Nobody else knows this one yet.</summary>
    public void Prepare(Mail<TMessage> first, Residents<TMessage> residents)
    {
        home = residents;
        mailbox.Add(first);
        state = State.Queued;
    }

    /// <summary>Takes a turn even without mail; false when this one has gone.</summary>
    public bool Wake(Residents<TMessage> residents)
    {
        lock (gate)
            return state != State.Gone && Queue(residents);
    }

    bool Queue(Residents<TMessage> residents)
    {
        home = residents;
        fresh = true;
        if (state == State.Idle)
        {
            state = State.Queued;
            residents.Enqueue(this);
        }
        return true;
    }

    async Task IWork.RunAsync()
    {
        lock (gate)
        {
            if (state == State.Gone)
                return;
            state = State.Busy;
        }
        try
        {
            await TurnAsync();
        }
        catch (Exception failure)
        {
            Stuck(failure);
        }
    }

    /// <summary>Works off the mail; ends in <see cref="Done"/>, now or when its rows are on disk.</summary>
    protected abstract Task TurnAsync();

    /// <summary>All the mail so far.</summary>
    protected List<Mail<TMessage>> TakeMail()
    {
        lock (gate)
        {
            var mail = mailbox;
            mailbox = [];
            fresh = false;
            return mail;
        }
    }

    /// <summary>The inbox as it was read from the tables, then the mail that came beside it, each message once.</summary>
    protected List<Mail<TMessage>> WithInbox(List<Mail<TMessage>> mail, List<Mail<TMessage>> inbox)
    {
        lock (gate)
        {
            readThrough = inbox.Count > 0 ? inbox[^1].Number : 0;
            mailbox.RemoveAll(WasRead);
        }
        mail.RemoveAll(WasRead);
        return [.. inbox, .. mail];
    }

    /// <summary>Puts mail that is not for now back in front.</summary>
    protected void PutBack(List<Mail<TMessage>> mail)
    {
        lock (gate)
        {
            if (mail.Count > 0)
            {
                mail.AddRange(mailbox);
                mailbox = mail;
            }
        }
    }

    /// <summary>The turn is over: the next one when mail has come since it was taken or there is <paramref name="more"/> to do, else rest.</summary>
    protected void Done(bool more = false)
    {
        lock (gate)
        {
            if (state == State.Gone)
                return;
            state = State.Idle;
            if (more || fresh)
            {
                Queue(home!);
                return;
            }
        }
        home!.Rest(this);
    }

    /// <summary>This one has nothing left to do.</summary>
    protected void Leave() => Retire(home!, evenIfBusy: true);

    /// <summary>Goes, unless it is busy or has mail that only memory has.</summary>
    public void Retire(Residents<TMessage> residents, bool evenIfBusy)
    {
        lock (gate)
        {
            if (state == State.Gone)
                return;
            if (!evenIfBusy && (state != State.Idle || mailbox.Exists(m => m.Number == 0 || m.Timed)))
                return;
            state = State.Gone;
        }
        residents.Forget(this);
        OnGone();
    }

    /// <summary>Frees what it held.</summary>
    protected virtual void OnGone()
    {
    }

    /// <summary>A turn failed for a reason that is not the orchestrator's.</summary>
    protected abstract void Stuck(Exception failure);
}
