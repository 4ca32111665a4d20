using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AiOs.Local.Durable.Storage;
using SQLitePCL;

namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>
/// SQLite's default VFS in this process: files below the folder of a <see cref="TestDisk"/> go through that disk, all others to the real VFS,
/// which does the work in both cases.
/// </summary>
static unsafe class VfsShim
{
    const int Creates = raw.SQLITE_OPEN_CREATE;
    const int SyncsFolder = raw.SQLITE_OPEN_MAIN_JOURNAL | raw.SQLITE_OPEN_MASTER_JOURNAL | raw.SQLITE_OPEN_WAL;

    static readonly ConcurrentDictionary<string, TestDisk> disks = new(StringComparer.Ordinal);
    static readonly Vfs* real;
    static readonly FileMethods* methods;

    static VfsShim()
    {
        Batteries_V2.Init();
        real = Vfs.Find(null);
        methods = (FileMethods*)NativeMemory.AllocZeroed((nuint)sizeof(FileMethods));
        *methods = new FileMethods
        {
            Version = 2,
            Close = &Close,
            Read = &Read,
            Write = &Write,
            Truncate = &Truncate,
            Sync = &Sync,
            Size = &Size,
            Lock = &Lock,
            Unlock = &Unlock,
            IsReserved = &IsReserved,
            Control = &Control,
            SectorSize = &SectorSize,
            Characteristics = &Characteristics,
            MapShared = &MapShared,
            LockShared = &LockShared,
            Barrier = &Barrier,
            UnmapShared = &UnmapShared,
        };
        var shim = (Vfs*)NativeMemory.Alloc((nuint)sizeof(Vfs));
        *shim = *real;
        shim->Next = null;
        shim->Name = (byte*)Marshal.StringToCoTaskMemUTF8("aios-test-disk");
        shim->FileSize = real->FileSize + sizeof(VfsFile);
        shim->Open = &Open;
        shim->Delete = &Delete;
        if (Vfs.Register(shim, asDefault: 1) != raw.SQLITE_OK)
            throw new InvalidOperationException("SQLite does not take another VFS.");
    }

    public static void Add(TestDisk disk) => disks[disk.Folder] = disk;

    public static void Remove(TestDisk disk) => disks.TryRemove(disk.Folder, out _);

    /// <summary>A file that is not SQLite's, on the disk that its folder is on.</summary>
    public static IDiskFile Open(string path) => DiskOf(path) is { } disk ? LogOnDisk.Open(disk, path) : DiskFile.Open(path);

    static TestDisk? DiskOf(string path) => Path.GetDirectoryName(path) is { } folder && disks.TryGetValue(folder, out var disk) ? disk : null;

    static TestDisk? DiskOf(byte* name, out string path) => DiskOf(path = Marshal.PtrToStringUTF8((nint)name) ?? "");

    [UnmanagedCallersOnly]
    static int Open(Vfs* vfs, byte* name, VfsFile* file, int flags, int* got)
    {
        if (DiskOf(name, out var path) is not { } disk)
            return real->Open(real, name, file, flags, got);
        file->Methods = null;
        var existed = File.Exists(path);
        var opened = VfsFile.Real(file);
        opened->Methods = null;
        if (disk.Fault(DiskOperation.Open, path) is var fault and not raw.SQLITE_OK)
            return fault;
        var code = real->Open(real, name, opened, flags, got);
        if (code != raw.SQLITE_OK)
        {
            if (opened->Methods is not null)
                opened->Methods->Close(opened);
            return code;
        }
        var watched = disk.Opened(path, created: !existed && (flags & Creates) != 0, syncsFolder: !existed && (flags & SyncsFolder) != 0);
        file->Watched = GCHandle.ToIntPtr(GCHandle.Alloc(watched));
        file->Methods = methods;
        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly]
    static int Delete(Vfs* vfs, byte* name, int syncFolder)
    {
        if (DiskOf(name, out var path) is not { } disk)
            return real->Delete(real, name, syncFolder);
        if (disk.Fault(DiskOperation.Delete, path) is var fault and not raw.SQLITE_OK)
            return fault;
        var code = real->Delete(real, name, syncFolder);
        if (code == raw.SQLITE_OK)
            disk.Deleted(path, durably: syncFolder != 0);
        return code;
    }

    static WatchedFile Of(VfsFile* file) => Unsafe.As<WatchedFile>(GCHandle.FromIntPtr(file->Watched).Target!);

    [UnmanagedCallersOnly]
    static int Close(VfsFile* file)
    {
        GCHandle.FromIntPtr(file->Watched).Free();
        return VfsFile.Real(file)->Methods->Close(VfsFile.Real(file));
    }

    [UnmanagedCallersOnly]
    static int Read(VfsFile* file, byte* into, int count, long offset)
    {
        var fault = Of(file).Fault(DiskOperation.Read);
        return fault != raw.SQLITE_OK ? fault : VfsFile.Real(file)->Methods->Read(VfsFile.Real(file), into, count, offset);
    }

    [UnmanagedCallersOnly]
    static int Write(VfsFile* file, byte* from, int count, long offset)
    {
        var watched = Of(file);
        var fault = watched.Fault(DiskOperation.Write);

        // A write that fails may have written its beginning.
        if (fault != raw.SQLITE_OK)
            count /= 2;
        var code = VfsFile.Real(file)->Methods->Write(VfsFile.Real(file), from, count, offset);
        if (code == raw.SQLITE_OK)
            watched.Written(offset, new ReadOnlySpan<byte>(from, count));
        return fault != raw.SQLITE_OK ? fault : code;
    }

    [UnmanagedCallersOnly]
    static int Truncate(VfsFile* file, long size)
    {
        var watched = Of(file);
        if (watched.Fault(DiskOperation.Truncate) is var fault and not raw.SQLITE_OK)
            return fault;
        var code = VfsFile.Real(file)->Methods->Truncate(VfsFile.Real(file), size);
        if (code == raw.SQLITE_OK)
            watched.Truncated(size);
        return code;
    }

    // The real fsync is left out: what a loss of power keeps is worked out from the log of writes, and the test is faster for it.
    [UnmanagedCallersOnly]
    static int Sync(VfsFile* file, int flags)
    {
        var watched = Of(file);
        var fault = watched.Fault(DiskOperation.Sync);
        if (fault != raw.SQLITE_OK)
            watched.SyncFailed();
        else if (!watched.Disk.Lies)
            watched.Synced();
        return fault;
    }

    [UnmanagedCallersOnly]
    static int Size(VfsFile* file, long* size) => VfsFile.Real(file)->Methods->Size(VfsFile.Real(file), size);

    [UnmanagedCallersOnly]
    static int Lock(VfsFile* file, int level) => VfsFile.Real(file)->Methods->Lock(VfsFile.Real(file), level);

    [UnmanagedCallersOnly]
    static int Unlock(VfsFile* file, int level) => VfsFile.Real(file)->Methods->Unlock(VfsFile.Real(file), level);

    [UnmanagedCallersOnly]
    static int IsReserved(VfsFile* file, int* reserved) => VfsFile.Real(file)->Methods->IsReserved(VfsFile.Real(file), reserved);

    [UnmanagedCallersOnly]
    static int Control(VfsFile* file, int operation, nint argument) => VfsFile.Real(file)->Methods->Control(VfsFile.Real(file), operation, argument);

    [UnmanagedCallersOnly]
    static int SectorSize(VfsFile* file) => VfsFile.Real(file)->Methods->SectorSize(VfsFile.Real(file));

    [UnmanagedCallersOnly]
    static int Characteristics(VfsFile* file) => VfsFile.Real(file)->Methods->Characteristics(VfsFile.Real(file));

    [UnmanagedCallersOnly]
    static int MapShared(VfsFile* file, int region, int size, int extend, nint* at) => VfsFile.Real(file)->Methods->MapShared(VfsFile.Real(file), region, size, extend, at);

    [UnmanagedCallersOnly]
    static int LockShared(VfsFile* file, int offset, int count, int flags) => VfsFile.Real(file)->Methods->LockShared(VfsFile.Real(file), offset, count, flags);

    [UnmanagedCallersOnly]
    static void Barrier(VfsFile* file) => VfsFile.Real(file)->Methods->Barrier(VfsFile.Real(file));

    [UnmanagedCallersOnly]
    static int UnmapShared(VfsFile* file, int delete) => VfsFile.Real(file)->Methods->UnmapShared(VfsFile.Real(file), delete);
}
