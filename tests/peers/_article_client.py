"""_article_client.py PORT - a client that sends one line of its input and prints the answer."""
import socket
import sys

conn = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
conn.connect(("127.0.0.1", int(sys.argv[1])))
conn.send(input("data to send: ").encode())
print("received:", conn.recv(1024).decode())
conn.close()
