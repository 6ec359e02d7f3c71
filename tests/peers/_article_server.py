"""_article_server.py PORT - a server of one connection, made of the plain socket calls."""
import socket
import sys

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(5)
print(listener.getsockname()[1], flush=True)
conn, peer = listener.accept()
print("received:", conn.recv(1024).decode())
conn.send(b"thank you !")
conn.close()
listener.close()
