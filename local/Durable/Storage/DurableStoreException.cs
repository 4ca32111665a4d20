namespace AiOs.Local.Durable.Storage;

/// <summary>What is wrong with the engine's file.</summary>
public enum StoreFault
{
    /// <summary>Another program holds it.</summary>
    Busy,

    /// <summary>The disk is full.</summary>
    Full,

    /// <summary>It cannot be read or written.</summary>
    Disk,

    /// <summary>Its content is damaged.</summary>
    Corrupt,

    /// <summary>A newer engine wrote it.</summary>
    Newer,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>The engine's file cannot be used; the message says why and what to do.</summary>
public sealed class DurableStoreException(StoreFault fault, string message) : Exception(message)
{
    /// <summary>What is wrong.</summary>
    public StoreFault Fault => fault;

    /// <summary>Whether it may go away by itself, so that the same work is tried again.</summary>
    public bool MayPass => fault is StoreFault.Busy or StoreFault.Full or StoreFault.Disk;
}
