using System.Runtime.InteropServices;

namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>The C structure <c>sqlite3_vfs</c>, version 3 (https://www.sqlite.org/c3ref/vfs.html): what we replace by name, the rest as it is.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct Vfs
{
    public int Version;
    public int FileSize;
    public int MaxPath;
    public Vfs* Next;
    public byte* Name;
    public nint AppData;
    public delegate* unmanaged<Vfs*, byte*, VfsFile*, int, int*, int> Open;
    public delegate* unmanaged<Vfs*, byte*, int, int> Delete;
    public fixed long Others[14];

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern Vfs* Find(byte* name);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Register(Vfs* vfs, int asDefault);
}

/// <summary>The C structure <c>sqlite3_file</c>, and after it what is ours in a watched file. The real file lies behind it.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct VfsFile
{
    public FileMethods* Methods;
    public nint Watched;

    /// <summary>The real file of a watched one.</summary>
    public static VfsFile* Real(VfsFile* file) => file + 1;
}

/// <summary>The C structure <c>sqlite3_io_methods</c>, version 2 (https://www.sqlite.org/c3ref/io_methods.html); without version 3 no page is mapped into memory past us.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct FileMethods
{
    public int Version;
    public delegate* unmanaged<VfsFile*, int> Close;
    public delegate* unmanaged<VfsFile*, byte*, int, long, int> Read;
    public delegate* unmanaged<VfsFile*, byte*, int, long, int> Write;
    public delegate* unmanaged<VfsFile*, long, int> Truncate;
    public delegate* unmanaged<VfsFile*, int, int> Sync;
    public delegate* unmanaged<VfsFile*, long*, int> Size;
    public delegate* unmanaged<VfsFile*, int, int> Lock;
    public delegate* unmanaged<VfsFile*, int, int> Unlock;
    public delegate* unmanaged<VfsFile*, int*, int> IsReserved;
    public delegate* unmanaged<VfsFile*, int, nint, int> Control;
    public delegate* unmanaged<VfsFile*, int> SectorSize;
    public delegate* unmanaged<VfsFile*, int> Characteristics;
    public delegate* unmanaged<VfsFile*, int, int, int, nint*, int> MapShared;
    public delegate* unmanaged<VfsFile*, int, int, int, int> LockShared;
    public delegate* unmanaged<VfsFile*, void> Barrier;
    public delegate* unmanaged<VfsFile*, int, int> UnmapShared;
}
